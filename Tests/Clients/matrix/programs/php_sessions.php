<?php
// A page that counts its visits in the session.
session_start();
if (($_GET['do'] ?? '') === 'leave') {
    session_destroy();
    exit('bye');
}
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
$_SESSION['bytes'] = "\0\xff|;";
echo $_SESSION['visits'], ' ', bin2hex($_SESSION['bytes']);
