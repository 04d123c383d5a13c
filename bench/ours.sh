#!/bin/bash
# ours.sh start|stop|pids|pss|reset|ports     Hikyaku as a peer of bench.py
# env: SHAPE=home (LMTP and IMAP on loopback, as the Dovecot beside it) | two (gateway in front of home: two processes and the real link)
. "$(dirname "$0")/lib.sh"
SHAPE=${SHAPE:-home}; ROOT=$(cd "$HERE/.." && pwd); B=$P/ours; PORTS_AT=${PORTS_AT:-12700}
LMTP=$((PORTS_AT + 24)) MX=$((PORTS_AT + 25)) LINK=$((PORTS_AT + 26)) IMAP=$((PORTS_AT + 43)) IMAPS=$((PORTS_AT + 93))
mkdir -p "$B"
home_conf() {
  mkdir -p "$B/home"; need_cert; chmod 600 "$P/tls/"*.key "$P/tls/key.pem"
  cat > "$B/home/config.yaml" <<E
role: home
hostname: mail.example.test
data: $B/home/data
log: { level: error }
listen:
  - { service: lmtp, address: 127.0.0.1, port: $LMTP, unauthenticated: true, tls: 'off' }
  - { service: lmtp, address: 127.0.0.1, port: $LINK }
  - { service: imap, address: 127.0.0.1, port: $IMAP, loginWithoutTls: true }
  - { service: imaps, address: 127.0.0.1, port: $IMAPS }
tls:
  certificates:
    - { cert: $P/tls/ec.pem, key: $P/tls/ec.key }
home:
  recipientsFile: $B/recipients.json
  accounts: { diskReserve: 64MB }
  gateways:
    - { name: bench, saslPasswordFile: $B/link.password, linkKeyFile: $B/link.key }
limits: { connections: 15000, connectionsPerAddress: 10000 }
E
}
gateway_conf() {
  mkdir -p "$B/gateway"
  cat > "$B/gateway/config.yaml" <<E
role: gateway
hostname: gw.example.test
data: $B/gateway/data
log: { level: error }
listen:
  - { service: mx, address: 127.0.0.1, port: $MX }
gateway:
  name: bench
  recipientsFile: $B/recipients.json
  home:
    url: lmtp://127.0.0.1:$LINK
    serverName: mail.example.test
    ca: $P/tls/ec.pem
    sasl: { username: bench, passwordFile: $B/link.password }
    linkKeyFile: $B/link.key
limits: { connections: 15000, connectionsPerAddress: 10000 }
E
}
# a home with u1…u100@example.test, made once and copied for each run
template() {
  [ -d "$B/template" ] && return
  rm -rf "$B/home/data"
  ( umask 077; head -c 24 /dev/urandom | base64 > "$B/link.password"; head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$B/link.key" )
  home_conf
  for i in $(seq 1 100); do echo "u$i@example.test:{PLAIN}secret"; done > "$B/users"
  "$ROOT/hikyaku" domain add example.test --config "$B/home/config.yaml" > /dev/null
  "$ROOT/hikyaku" user import --passwd-file "$B/users" --config "$B/home/config.yaml" > /dev/null
  # everybody logs in once: foreign hashes become ours, as they would on the first day
  serve home; waitbanner $IMAP > /dev/null; warm; sleep 3; stop; cp -r "$B/home/data" "$B/template"
}
# a login verified within ten minutes costs no password hash, as for a phone that comes back: the runs measure mail, not argon2id
warm() { "$MB" login --port $IMAP --n 100 --users 100 --conc 4 --select 0 > /dev/null; }
serve() { "$ROOT/hikyaku" serve --config "$B/$1/config.yaml" >> "$B/$1.log" 2>&1 & echo $! > "$B/$1.pid"; }
stop() { for box in gateway home; do [ -f "$B/$box.pid" ] || continue; pid=$(cat "$B/$box.pid"); kill "$pid" 2>/dev/null
  for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done; kill -9 "$pid" 2>/dev/null; rm -f "$B/$box.pid"; done; }
case $1 in
 start) cg server; template; home_conf; [ -d "$B/home/data" ] || cp -r "$B/template" "$B/home/data"
   serve home; waitbanner $IMAP > /dev/null; warm
   if [ "$SHAPE" = two ]; then gateway_conf; serve gateway; waitbanner $MX > /dev/null; fi;;
 stop) stop;;
 pids) cat "$B"/*.pid;;
 pss) pss $(cat "$B"/*.pid);;
 reset) rm -rf "$B/home/data" "$B/gateway/data";;
 ports) echo "--lmtp $LMTP --smtp $MX --imap $IMAP --imaps $IMAPS";;
esac
exit 0
