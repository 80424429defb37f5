// Reads nginx configuration with NGINX's own parser for Go. Each line of standard input is a configuration, as a JSON string; each line
// of standard output its directives, [words, block], or as a JSON string what is wrong with it.
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"os"
	"strings"

	crossplane "github.com/nginxinc/nginx-go-crossplane"
)

func main() {
	lines := bufio.NewReader(os.Stdin)
	answers := bufio.NewWriter(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		var text string
		if err := json.Unmarshal(line, &text); err != nil {
			log.Fatal(err)
		}
		if err := json.NewEncoder(answers).Encode(parse(text)); err != nil {
			log.Fatal(err)
		}
		if err := answers.Flush(); err != nil {
			log.Fatal(err)
		}
	}
}

// Directives must be known, where they may be, and have as many arguments as nginx takes.
func parse(text string) any {
	payload, err := crossplane.Parse("nginx.conf", &crossplane.ParseOptions{
		Open:                     func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil },
		SingleFile:               true,
		StopParsingOnError:       true,
		ErrorOnUnknownDirectives: true,
	})
	if err != nil {
		return err.Error()
	}
	return tree(payload.Config[0].Parsed)
}

func tree(directives crossplane.Directives) []any {
	found := make([]any, 0, len(directives))
	for _, directive := range directives {
		words := append([]string{directive.Directive}, directive.Args...)
		if directive.IsBlock() {
			found = append(found, []any{words, tree(directive.Block)})
		} else {
			found = append(found, []any{words})
		}
	}
	return found
}
