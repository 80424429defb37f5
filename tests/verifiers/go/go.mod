module mtls-lab/tests/verifiers/go

go 1.21
