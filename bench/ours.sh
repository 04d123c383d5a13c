#!/bin/bash
# ours.sh start|stop|pids|pss|reset|ports|loop|prove USERS EACH|fill USER N SIZE     Hikyaku as a peer of bench.py
# env: SHAPE=home (LMTP and IMAP on loopback, as the Dovecot beside it) | two (gateway in front of home: two processes and the real link) | jmap (JMAP too)
#      CHECKS=all (connection checks, lists, greylisting, SPF, DKIM, DMARC, ARC; a filter that has learnt; a script for each user) | none (every one off)
#             | default (what a configuration has that says nothing; the generator's letters come from loopback, which no check is for)
#      LETTERS='--inbox 1' (what fill delivers, see mb.c) HTTP_ADDRESS=127.0.0.1
. "$(dirname "$0")/lib.sh"
SHAPE=${SHAPE:-home}; CHECKS=${CHECKS:-default}; ROOT=$(cd "$HERE/.." && pwd); B=$P/ours; PORTS_AT=${PORTS_AT:-12700}
LMTP=$((PORTS_AT + 24)) MX=$((PORTS_AT + 25)) LINK=$((PORTS_AT + 26)) IMAP=$((PORTS_AT + 43)) IMAPS=$((PORTS_AT + 93))
DNS=$((PORTS_AT + 53)) GATEWAY_ADMIN=$((PORTS_AT + 64)) HOME_ADMIN=$((PORTS_AT + 65)) HTTP=$((PORTS_AT + 80))
K=$P/checks; NODE=$ROOT/node_modules/.bin/node
TEMPLATE=$B/template; [ $CHECKS = all ] && TEMPLATE=$B/template-all
mkdir -p "$B" "$K"
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
  - { service: admin, port: $HOME_ADMIN }
$([ $SHAPE = jmap ] && echo "  - { service: http, address: ${HTTP_ADDRESS:-127.0.0.1}, port: $HTTP, loginWithoutTls: true }")
tls:
  certificates:
    - { cert: $P/tls/ec.pem, key: $P/tls/ec.key }
home:
  recipientsFile: $B/recipients.json
  accounts: { diskReserve: 64MB }
  gateways:
    - { name: bench, saslPasswordFile: $B/link.password, linkKeyFile: $B/link.key }
$([ $CHECKS = none ] && echo "  content: { filter: false }")
limits: { connections: 15000, connectionsPerAddress: 10000 }
dns: { servers: ['127.0.0.1:$DNS'] }
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
  - { service: mx, address: 127.0.0.1, port: $MX$([ $CHECKS = all ] && echo ", proxy: [127.0.0.1]") }
  - { service: admin, port: $GATEWAY_ADMIN }
gateway:
  name: bench
  recipientsFile: $B/recipients.json
  home:
    url: lmtp://127.0.0.1:$LINK
    serverName: mail.example.test
    ca: $P/tls/ec.pem
    sasl: { username: bench, passwordFile: $B/link.password }
    linkKeyFile: $B/link.key
$(checks)
limits: { connections: 15000, connectionsPerAddress: 10000 }
dns: { servers: ['127.0.0.1:$DNS'] }
E
}
# greylisting of everybody is stricter than our default: each network has to come again with its first letters, which are those that warm up
checks() {
  case $CHECKS in
  all) cat <<E
  checks:
    denyLists: [{ zone: bl1.bench.test, action: reject }, { zone: bl2.bench.test }]
    allowLists: [{ zone: wl.bench.test }]
    greylist: unknown
    greylistDelay: 1s
    helo: reject
    earlyTalkers: reject
    authenticity: { enabled: true, dmarcReject: reject, spfFail: reject }
E
  ;;
  none) echo "  checks: { greylist: 'off', helo: 'off', authenticity: { enabled: false } }";;
  esac
}
# a home with u1…u100@example.test, made once and copied for each run
template() {
  [ -d "$TEMPLATE" ] && return
  rm -rf "$B/home/data"
  [ -f "$B/link.key" ] || ( umask 077; head -c 24 /dev/urandom | base64 > "$B/link.password"; head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$B/link.key" )
  home_conf
  for i in $(seq 1 100); do echo "u$i@example.test:{PLAIN}secret"; done > "$B/users"
  "$ROOT/hikyaku" domain add example.test --config "$B/home/config.yaml" > /dev/null
  "$ROOT/hikyaku" user import --passwd-file "$B/users" --config "$B/home/config.yaml" > /dev/null
  # everybody logs in once: foreign hashes become ours, as they would on the first day
  serve home; waitbanner $IMAP > /dev/null; warm; sleep 3
  [ $CHECKS = all ] && { "$MB" genletters --n 400 --offset 900000 --users 100 --domains 50 | "$NODE" "$HERE/checks/prepare.ts" "$B/home/config.yaml" || exit 1; }
  stop; cp -r "$B/home/data" "$TEMPLATE"
}
# a login verified within ten minutes costs no password hash, as for a phone that comes back: the runs measure mail, not argon2id
warm() { "$MB" login --port $IMAP --n 100 --users 100 --conc 4 --select 0 > /dev/null; }
serve() { "$ROOT/hikyaku" serve --config "$B/$1/config.yaml" >> "$B/$1.log" 2>&1 & echo $! > "$B/$1.pid"; }
# the senders' names are no part of ours: counted with the generator
names() { rm -f "$K/questions.json"; bash -c "mkdir -p $CG/client; echo \$\$ > $CG/client/cgroup.procs; exec '$NODE' '$HERE/checks/name-server.ts' $DNS '$K/keys' '$K/questions.json'" >> "$K/name-server.log" 2>&1 & echo $! > "$B/names.pid"
  for i in $(seq 200); do [ -f "$K/questions.json" ] && return; sleep 0.1; done; }
stop() { for box in gateway home names; do [ -f "$B/$box.pid" ] || continue; pid=$(cat "$B/$box.pid"); kill "$pid" 2>/dev/null
  for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done; kill -9 "$pid" 2>/dev/null; rm -f "$B/$box.pid"; done; }
boxes() { for box in gateway home; do [ -f "$B/$box.pid" ] && cat "$B/$box.pid"; done; }
# of each box: the 99th percentile of the main thread's delay since this was last asked, and its memory
loop() { for box in gateway:$GATEWAY_ADMIN home:$HOME_ADMIN; do [ -f "$B/${box%:*}.pid" ] || continue
  curl -s "http://127.0.0.1:${box#*:}/metrics" | awk -v b="${box%:*}" '/^nodejs_eventloop_delay_p99_seconds /{printf "%s_loop_p99=%.1fms ", b, $2*1e3}'
  printf '%s_pss=%sMiB ' "${box%:*}" "$(($(pss $(cat "$B/${box%:*}.pid")) / 1024))"; done; echo; }
case $1 in
 start) cg server; template; home_conf; [ -d "$B/home/data" ] || cp -r "$TEMPLATE" "$B/home/data"
   [ $CHECKS = all ] && names
   serve home; waitbanner $IMAP > /dev/null; warm
   if [ "$SHAPE" = two ]; then gateway_conf; serve gateway
     for i in $(seq 300); do curl -sf "http://127.0.0.1:$GATEWAY_ADMIN/readyz" > /dev/null && break; sleep 0.1; done; fi;;
 stop) stop;;
 pids) boxes;;
 pss) pss $(boxes);;
 loop) loop;;
 prove) sleep 1; "$NODE" "$HERE/checks/prove.ts" $IMAP $2 $3 "$K/questions.json" || exit 1;;
 reset) rm -rf "$B/home/data" "$B/gateway/data";;
 fill) for ((from = 0; from < $3; from += 5000)); do n=$(($3 - from)); echo "multiappend x INBOX $((n < 5000 ? n : 5000)) $4 $from"; done | "$MB" imap --port $IMAP --u ${2#u} $LETTERS > /dev/null || exit 1;;
 ports) echo "--lmtp $LMTP --smtp $MX --imap $IMAP --imaps $IMAPS";;
esac
exit 0
