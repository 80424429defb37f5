// Runs zlint with all its lints. Each line of standard input is a certificate or a CRL, as DER in base64; each line of standard
// output the results as JSON, as the command zlint prints them.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"log"
	"os"

	"github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		der, err := base64.StdEncoding.DecodeString(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		results, err := lint(der)
		if err != nil {
			log.Fatal(err)
		}
		if err := answers.Encode(results.Results); err != nil {
			log.Fatal(err)
		}
	}
}

func lint(der []byte) (*zlint.ResultSet, error) {
	certificate, certificateErr := x509.ParseCertificate(der)
	if certificateErr == nil {
		return zlint.LintCertificate(certificate), nil
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, certificateErr
	}
	return zlint.LintRevocationList(list), nil
}
