#!/bin/bash
# syncs.sh: how often each server syncs for a delivered message, counted by strace. One session, then ten; 4 KB letters to one user.
. "$(dirname "$0")/lib.sh"; cd "$HERE"
count() { # NAME HOOK LMTP_PORT SESSIONS
  "$MB" deliver --proto lmtp --port "$3" --n 50 --sessions "$4" --size 4096 --users 1 > /dev/null   # warm: processes there, account open
  local args=(); for p in $(tree $("./$2" pids)); do args+=(-p "$p"); done
  strace -f -qq -e trace=fsync,fdatasync,sync_file_range -o "$P/strace.out" "${args[@]}" & local tracer=$!
  sleep 1
  local r; r=$("$MB" deliver --proto lmtp --port "$3" --n 400 --sessions "$4" --size 4096 --users 1)
  sleep 2; kill -INT $tracer; wait $tracer 2>/dev/null
  echo "$1, $4 session(s): $(grep -c 'f\(data\)\?sync(' "$P/strace.out") syncs for 400 messages ($r)"
}
./dovecot.sh stop; ./dovecot.sh reset; ./dovecot.sh start
for s in 1 10; do count "Dovecot Maildir" dovecot.sh 12524 $s; done
./dovecot.sh stop
./ours.sh stop; ./ours.sh reset; ./ours.sh start
for s in 1 10; do count "Hikyaku" ours.sh "$(./ours.sh ports | awk '{print $2}')" $s; done
./ours.sh stop
