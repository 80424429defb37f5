#!/bin/sh
# The lab's work by hand: what people type today with openssl and docker. It keeps no state and sees no drift.
#   shell-lab.sh up DIRECTORY HTTP_PORT HTTPS_PORT CONTAINER SITE NAME…   everything; SITE holds nginx.conf and pages
#   shell-lab.sh client DIRECTORY NAME         one more client
#   shell-lab.sh renew DIRECTORY CONTAINER     a new server certificate, live
#   shell-lab.sh down DIRECTORY CONTAINER
set -eu
verb=$1 directory=$2
umask 077

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

# sign NAME COMMON_NAME EXTENSIONS DAYS: a key and a certificate from the intermediate
sign() {
  key "$1.key"
  openssl req -new -key "$1.key" -subj "/O=Jack-GM/CN=$2" |
    openssl x509 -req -CA issuing.crt -CAkey issuing.key -set_serial "0x$(openssl rand -hex 16)" -days "$4" \
      -extfile "$3" -out "$1.crt" 2>/dev/null
  cat "$1.crt" issuing.crt >"$1.chain.crt"
}

client() {
  sign "$1" "$1" client.ext 365
  openssl rand -base64 16 >"$1.password"
  openssl pkcs12 -export -inkey "$1.key" -in "$1.chain.crt" -name "$1" -passout "file:$1.password" -out "$1.p12"
}

# crl NAME: the revocation list of a CA, with nobody in it
crl() {
  : >"$1.index"
  printf 01 >"$1.crlnumber"
  printf '[ca]\ndefault_ca=it\n[it]\ndatabase=%s.index\ncrlnumber=%s.crlnumber\ndefault_md=sha256\n' "$1" "$1" >"$1.conf"
  openssl ca -gencrl -config "$1.conf" -keyfile "$1.key" -cert "$1.crt" -crldays 90 2>/dev/null
}

publish() {
  cp server.chain.crt site/server.crt
  cp server.key site/server.key
  chown -R 101:101 site
}

case $verb in
up)
  http=$3 https=$4 container=$5 site=$6
  shift 6
  mkdir -p "$directory/site"
  cp -r "$site/." "$directory/site"
  cd "$directory"
  printf 'basicConstraints=critical,CA:true,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n' >ca.ext
  printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n' >client.ext
  printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:*.lab.localhost,DNS:lab.localhost,IP:127.0.0.1\n' >server.ext
  key root.key
  openssl req -x509 -new -key root.key -subj "/O=Jack-GM/CN=Jack-GM Root CA" -days 3650 -out root.crt
  key issuing.key
  openssl req -new -key issuing.key -subj "/O=Jack-GM/CN=Jack-GM Intermediate CA" |
    openssl x509 -req -CA root.crt -CAkey root.key -set_serial "0x$(openssl rand -hex 16)" -days 1825 \
      -extfile ca.ext -out issuing.crt 2>/dev/null
  sign server '*.lab.localhost' server.ext 365
  for name; do client "$name"; done
  cp root.crt site/client-ca.crt
  { crl issuing; crl root; } >site/client-ca.crl
  publish
  test_nginx="docker run --rm --network none --read-only --cap-drop ALL --tmpfs /tmp --user 101:101 -v $directory/site:/etc/nginx/site:ro --entrypoint nginx nginx:stable"
  $test_nginx -t -q -p /etc/nginx/site/ -c nginx.conf -e stderr
  docker run -d --name "$container" --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp \
    --user 101:101 -p "127.0.0.1:$http:8080" -p "127.0.0.1:$https:8443" -v "$directory/site:/etc/nginx/site:ro" \
    --entrypoint nginx nginx:stable -p /etc/nginx/site/ -c nginx.conf -e stderr -g 'daemon off;' >/dev/null
  ;;
client)
  cd "$directory"
  client "$3"
  ;;
renew)
  cd "$directory"
  sign server '*.lab.localhost' server.ext 365
  publish
  docker run --rm --network none --read-only --cap-drop ALL --tmpfs /tmp --user 101:101 \
    -v "$directory/site:/etc/nginx/site:ro" --entrypoint nginx nginx:stable -t -q -p /etc/nginx/site/ -c nginx.conf -e stderr
  docker kill --signal HUP "$3" >/dev/null
  ;;
down)
  docker rm -f "$3" >/dev/null
  rm -rf "$directory"
  ;;
esac
