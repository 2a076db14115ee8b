// Renders a chart's templates as Helm does, with the few of its functions that our chart uses: Helm itself is not on this machine.
// Arguments: the values as JSON, what the API server has beside its own as JSON, then the templates.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"text/template"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func items(list any) []any {
	found := []any{}
	value := reflect.ValueOf(list)
	for i := 0; i < value.Len(); i++ {
		found = append(found, value.Index(i).Interface())
	}
	return found
}

var functions = template.FuncMap{
	"toJson": func(value any) string { text, _ := json.Marshal(value); return string(text) },
	"required": func(message string, value any) (any, error) {
		if value == nil || value == "" {
			return nil, fmt.Errorf("%s", message)
		}
		return value, nil
	},
	"ternary": func(yes, no any, which bool) any {
		if which {
			return yes
		}
		return no
	},
	"concat": func(a, b any) []any { return append(items(a), items(b)...) },
	"list":   func(values ...any) []any { return values },
	"has": func(wanted, list any) bool {
		for _, item := range items(list) {
			if item == wanted {
				return true
			}
		}
		return false
	},
	"sha256sum": func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) },
	"trunc":     func(length int, text string) string { return text[:length] },
}

type apiVersions []string

func (versions apiVersions) Has(wanted string) bool {
	for _, version := range versions {
		if version == wanted {
			return true
		}
	}
	return false
}

func main() {
	var values map[string]any
	must(json.Unmarshal([]byte(os.Args[1]), &values))
	var versions apiVersions
	must(json.Unmarshal([]byte(os.Args[2]), &versions))
	given := map[string]any{"Values": values, "Capabilities": map[string]any{"APIVersions": versions}}
	for _, path := range os.Args[3:] {
		text, err := os.ReadFile(path)
		must(err)
		fmt.Println("---")
		must(template.Must(template.New(path).Funcs(functions).Parse(string(text))).Execute(os.Stdout, given))
	}
}
