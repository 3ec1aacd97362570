// Renders a Helm chart's templates as `helm template` does, as far as ours go: Helm itself is in no package of Debian.
//
//	go run chart.go CHART RELEASE KEY=VALUE...
//
// KEY is a path such as auth.password; VALUE is YAML. Needs Debian's golang-github-masterminds-sprig-dev.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v2"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(path string) map[interface{}]interface{} {
	text, err := os.ReadFile(path)
	check(err)
	values := map[interface{}]interface{}{}
	check(yaml.Unmarshal(text, &values))
	return values
}

// What the file says by small names, templates ask for with large ones: .Chart.AppVersion.
func title(values map[interface{}]interface{}) map[string]interface{} {
	titled := map[string]interface{}{}
	for key, value := range values {
		name := fmt.Sprint(key)
		titled[strings.ToUpper(name[:1])+name[1:]] = value
	}
	return titled
}

func set(values map[interface{}]interface{}, assignment string) {
	parts := strings.SplitN(assignment, "=", 2)
	path := strings.Split(parts[0], ".")
	for _, name := range path[:len(path)-1] {
		values = values[name].(map[interface{}]interface{})
	}
	var value interface{}
	check(yaml.Unmarshal([]byte(parts[1]), &value))
	values[path[len(path)-1]] = value
}

func main() {
	chart, release := os.Args[1], os.Args[2]
	values := read(filepath.Join(chart, "values.yaml"))
	for _, assignment := range os.Args[3:] {
		set(values, assignment)
	}
	all := template.New("chart").Option("missingkey=error")
	functions := sprig.TxtFuncMap()
	functions["include"] = func(name string, data interface{}) (string, error) {
		var out bytes.Buffer
		err := all.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	functions["fail"] = func(message string) (string, error) { return "", errors.New(message) }
	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	check(err)
	all.Funcs(functions)
	_, err = all.ParseFiles(files...)
	check(err)
	data := map[string]interface{}{
		"Values":  values,
		"Chart":   title(read(filepath.Join(chart, "Chart.yaml"))),
		"Release": map[string]interface{}{"Name": release, "Service": "Helm", "Namespace": "default"},
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".yaml") {
			fmt.Println("---")
			check(all.ExecuteTemplate(os.Stdout, filepath.Base(file), data))
		}
	}
}
