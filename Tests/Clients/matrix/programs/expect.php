<?php
// What the PHP programs share: a failed expectation ends the program with status 1.
function expect($wanted, $got)
{
    if ($wanted === $got) return;
    echo 'wanted ', var_export($wanted, true), ', got ', var_export($got, true), "\n", (new Exception())->getTraceAsString();
    exit(1);
}

function refused(string $pattern, callable $action)
{
    try {
        $action();
    } catch (Exception $error) {
        if (!preg_match($pattern, $error->getMessage())) expect($pattern, $error->getMessage());
        return;
    }
    expect('an exception', null);
}
