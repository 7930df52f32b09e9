#!/bin/sh
# Installs recado as a systemd service. Running it again updates the program and
# keeps configuration and data.
set -eu

PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}

usage() {
	cat <<'END'
Usage: ./install.sh [--binary FILE] [--base-url URL] [--prefix DIR] [--no-start] [--dry-run]
       ./install.sh --uninstall [--purge] [--prefix DIR] [--dry-run]

Installs
  PREFIX/bin/recado                           the program (PREFIX is /usr/local)
  PREFIX/share/…                              completions for bash, zsh and fish
  /etc/recado/config.toml                     the configuration, kept if it is there
  /var/lib/recado                             the data, owned by the user recado
  /etc/systemd/system/recado.service          the service
  /etc/systemd/system/recado-backup.timer     a backup every night, the last seven kept

Run again it upgrades: the data is backed up first, and when the new program does
not become ready, the old one and its data are put back.

  --binary FILE   install this program; otherwise ./recado, or what Go builds here
  --base-url URL  the address that browsers use, for a new configuration; on a
                  terminal it is asked for
  --prefix DIR    install below DIR instead of /usr/local
  --no-start      do not enable and start the services
  --uninstall     stop the services, remove them and the program; configuration,
                  data and user stay
  --purge         with --uninstall: remove those too
  --dry-run       say what would be done, do nothing
  --help          this

It downloads nothing.

With DESTDIR set, everything goes below it, and users and services are left
alone, as packagers want it.
END
}

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# run does a thing, or says it with --dry-run.
run() {
	if [ "$dry" = yes ]; then
		echo "would run: $*"
	else
		"$@"
	fi
}

# as_service does a thing as the service's user. In its directories root follows
# whatever links lie there, and would give away what they lead to.
as_service() {
	if ! on_system; then
		run "$@"
	elif setpriv --reuid=0 id >/dev/null 2>&1; then
		run setpriv --reuid=recado --regid=recado --init-groups "$@"
	else
		run su -s /bin/sh recado -c 'exec "$@"' sh "$@"
	fi
}

# put writes the standard input to a file with a mode, whole or not at all.
put() {
	if [ "$dry" = yes ]; then
		cat >/dev/null
		echo "would write: $2 (mode $1)"
		return
	fi
	(umask 077 && cat >"$2.new")
	chmod "$1" "$2.new"
	mv -f "$2.new" "$2"
}

# on_system is true when this machine's users and services are meant.
on_system() { [ -z "$DESTDIR" ]; }

has_systemd() { on_system && have systemctl && [ -d /run/systemd/system ]; }

find_binary() {
	[ -z "$binary" ] || return 0
	binary=$here/recado
	[ ! -x "$binary" ] || return 0
	have go || fail "there is no program to install: name it with --binary FILE, or install Go to build it here"
	run make -C "$here" build
}

# bring_program puts the new program beside the old one, where all may run it.
bring_program() {
	[ "$dry" = yes ] || [ -f "$binary" ] || fail "$binary is no file"
	run mkdir -p "$DESTDIR$PREFIX/bin"
	run cp "$binary" "$program.new"
	run chmod 0755 "$program.new"
}

# install_program keeps the program that was there as recado.old, for a way back.
# The new one is renamed, since the running program's file cannot be written to.
install_program() {
	[ ! -e "$program" ] || run cp -p "$program" "$program.old"
	run mv -f "$program.new" "$program"
}

# completions lists where each shell looks for them, beside the file that is for it.
completions() {
	echo "recado.bash $PREFIX/share/bash-completion/completions/recado"
	echo "_recado $PREFIX/share/zsh/site-functions/_recado"
	echo "recado.fish $PREFIX/share/fish/vendor_completions.d/recado.fish"
}

install_completions() {
	[ -d "$here/completions" ] || return 0
	completions | while read -r from to; do
		run mkdir -p "$DESTDIR${to%/*}"
		put 0644 "$DESTDIR$to" <"$here/completions/$from"
	done
}

install_user() {
	on_system || return 0
	if id recado >/dev/null 2>&1; then
		return 0
	elif have useradd; then
		run useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin recado
	elif have adduser; then
		run addgroup -S recado
		run adduser -S -D -H -G recado -h "$data" -s /sbin/nologin recado
	else
		fail "neither useradd nor adduser is here: create a system user named recado, then run this again"
	fi
}

# ask_base_url asks a person once, where there is one and no configuration yet.
ask_base_url() {
	if [ -n "$base_url" ] || [ -e "$DESTDIR$config" ] || [ "$dry" = yes ] || [ ! -t 0 ] || [ ! -t 1 ]; then
		return 0
	fi
	echo "Browsers allow Web Push over https only. At which address will they reach recado?"
	printf 'base_url, such as https://push.example.org (empty: decide later): '
	read -r base_url || base_url=""
	case $base_url in
	"" | https://?* | http://localhost* | http://127.0.0.1*) ;;
	*) fail "$base_url: an address begins with https:// (or http://localhost for a try)" ;;
	esac
	check_base_url
}

# check_base_url keeps out what would mean something to sed, or to the configuration.
check_base_url() {
	case $base_url in
	*[!][A-Za-z0-9:/._-]*) fail "$base_url: an address has letters, digits and :/._-[] alone" ;;
	esac
}

install_config() {
	run mkdir -p "$DESTDIR/etc/recado"
	if [ -e "$DESTDIR$config" ]; then
		echo "keeping $DESTDIR$config"
		return 0
	fi
	template | sed "s|^data_dir = .*|data_dir = \"$data\"|
s|^base_url = .*|base_url = \"${base_url:-http://localhost:8080}\"|" | put 0640 "$DESTDIR$config"
	# The token of the operator may stand in it.
	! on_system || run chown root:recado "$config"
}

template() {
	if [ -f "$here/config.example.toml" ]; then
		cat "$here/config.example.toml"
	else
		printf 'base_url = ""\ndata_dir = ""\n'
	fi
}

install_data() {
	run mkdir -p "$DESTDIR$data"
	run chmod 0700 "$DESTDIR$data"
	! on_system || run chown recado:recado "$data"
	as_service mkdir -p "$DESTDIR$backups"
	as_service chmod 0700 "$DESTDIR$backups"
}

install_service() {
	run mkdir -p "$DESTDIR/etc/systemd/system"
	put 0644 "$DESTDIR$units/recado.service" <<END
[Unit]
Description=recado, a self-hosted Web Push appliance
After=network-online.target
Wants=network-online.target

[Service]
# systemctl start returns when it serves; a server that hangs is restarted.
Type=notify
NotifyAccess=main
WatchdogSec=60s
# A new version may have a large database to bring up to date first.
TimeoutStartSec=10min
User=recado
Group=recado
ExecStart=$PREFIX/bin/recado serve --config $config
ExecReload=/bin/kill -HUP \$MAINPID
Restart=on-failure
RestartSec=2s
# More than shutdown_timeout.
TimeoutStopSec=45s
LimitNOFILE=65536
$(hardening)
# A port below 1024 needs a privilege. In a drop-in (systemctl edit recado):
#   [Service]
#   PrivateUsers=no
#   CapabilityBoundingSet=CAP_NET_BIND_SERVICE
#   AmbientCapabilities=CAP_NET_BIND_SERVICE

[Install]
WantedBy=multi-user.target
END
	put 0644 "$DESTDIR$units/recado-backup.service" <<END
[Unit]
Description=Back up recado

[Service]
Type=oneshot
User=recado
Group=recado
# One file a weekday: seven are kept.
ExecStart=/bin/sh -c 'exec $PREFIX/bin/recado backup --config $config $backups/recado-\$\$(date +%%u).db'
$(hardening)
END
	put 0644 "$DESTDIR$units/recado-backup.timer" <<END
[Unit]
Description=Back up recado every night

[Timer]
OnCalendar=*-*-* 03:30:00
RandomizedDelaySec=30min
Persistent=yes

[Install]
WantedBy=timers.target
END
}

# hardening is what both services may not do; systemd-analyze security gives it 1.2.
hardening() {
	cat <<'END'
UMask=0077

# The data directory is all it writes to; a data_dir elsewhere needs
# ReadWritePaths= in a drop-in (systemctl edit recado).
StateDirectory=recado
StateDirectoryMode=0700
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
CapabilityBoundingSet=
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
END
}

# setting is what the configuration says of a key, empty when it says nothing.
setting() { sed -n "s/^$1 = \"\(.*\)\".*/\1/p" "$config" 2>/dev/null | head -n 1; }

# data_dir is where the data of an installation lies, which its operator may have moved.
data_dir() {
	named=$(setting data_dir)
	echo "${named:-$data}"
}

# back_up copies the data before a new program touches it.
back_up() {
	saved=$backups/before-upgrade.db
	as_service "$program.new" backup --config "$config" "$saved" ||
		fail "the data could not be backed up, so nothing was upgraded: mend that first, or move it out of the way"
}

start_service() {
	has_systemd || return 0
	run systemctl daemon-reload
	[ "$start" = yes ] || return 0
	run systemctl enable recado.service recado-backup.timer
	run systemctl start recado-backup.timer
	# It returns when the server serves, or has failed to.
	run systemctl restart recado.service || roll_back
}

# roll_back brings the old program and, since the new one may have changed it, the data back.
roll_back() {
	echo "install.sh: the new program did not become ready; journalctl -u recado says why" >&2
	[ -e "$program.old" ] || fail "this was the first installation: mend what the log says, then systemctl start recado"
	systemctl stop recado.service || true
	mv -f "$program" "$program.failed"
	cp -p "$program.old" "$program"
	if [ -n "$saved" ]; then
		as_service "$program.failed" restore --config "$config" --force "$saved"
	fi
	systemctl restart recado.service || fail "the old program does not start either; the data of before is in $saved"
	fail "rolled back: the old program runs on the data of before the upgrade; the new one is $program.failed"
}

# say_https tells how browsers get the https that they insist on.
say_https() {
	port=$(setting listen)
	port=${port##*:}
	case $url in
	https://*)
		host=${url#https://}
		echo "Browsers reach it at $url: put https in front of it, with Caddy"
		;;
	*)
		host=push.example.org
		echo "Browsers on this machine reach it at $url; for all others put https in front of it, with Caddy"
		;;
	esac
	printf '\n    %s {\n        reverse_proxy 127.0.0.1:%s\n    }\n\n' "${host%%/*}" "${port:-8080}"
	printf 'or, inside a tailnet, with\n\n    tailscale serve --bg %s\n\n' "${port:-8080}"
	case $url in
	https://*) ;;
	*) printf 'and write its address into %s as base_url = "https://…", then systemctl restart recado.\n\n' "$config" ;;
	esac
}

say_next() {
	[ "$dry" = no ] && on_system || return 0
	echo
	if [ "$upgrade" = yes ]; then
		echo "recado is upgraded; the data of before is in $saved"
		return 0
	fi
	url=$(setting base_url)
	url=${url:-http://localhost:8080}
	echo "recado is installed."
	[ -n "$(setting cert_file)" ] || say_https
	if ! has_systemd || [ "$start" = no ]; then
		printf 'It was not started. Where systemd runs: systemctl enable --now recado recado-backup.timer\n'
		printf 'Elsewhere, as the user recado: %s serve --config %s\n' "$PREFIX/bin/recado" "$config"
		return 0
	fi
	token=$(data_dir)/admin-token
	if [ -s "$token" ] && [ -t 1 ]; then
		echo "Sign in at $url/admin with this token; it is not shown again after that:"
		printf '\n    %s\n\n' "$(cat "$token")"
	elif [ -s "$token" ]; then
		echo "The operator's token, until the first sign-in at $url/admin: $token"
	fi
	echo "journalctl -u recado tells what it does, recado doctor --config $config what is missing."
}

install_all() {
	find_binary
	ask_base_url
	bring_program
	install_user
	install_config
	install_data
	if on_system && [ -e "$program" ] && [ -e "$(data_dir)/recado.db" ]; then
		upgrade=yes
		back_up
	fi
	install_program
	install_completions
	install_service
	start_service
	say_next
}

uninstall_all() {
	if has_systemd && [ -e "$units/recado.service" ]; then
		run systemctl disable --now recado-backup.timer recado.service
	fi
	for name in recado.service recado-backup.service recado-backup.timer; do
		run rm -f "$DESTDIR$units/$name"
		[ "$purge" = no ] || run rm -rf "$DESTDIR$units/$name.d"
	done
	run rm -f "$program" "$program.new" "$program.old" "$program.failed"
	completions | while read -r _ to; do
		run rm -f "$DESTDIR$to"
	done
	! has_systemd || run systemctl daemon-reload
	if [ "$purge" = no ]; then
		echo "kept: $DESTDIR$config, $DESTDIR$data and the user recado (--purge removes them)"
		return 0
	fi
	run rm -rf "$DESTDIR/etc/recado" "$DESTDIR$data"
	if on_system && id recado >/dev/null 2>&1; then
		if have userdel; then run userdel recado; else run deluser recado; fi
	fi
}

# Whatever root's is: the service has to reach its configuration.
umask 022
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
config=/etc/recado/config.toml
data=/var/lib/recado
backups=$data/backups
units=/etc/systemd/system
binary="" base_url="" saved="" upgrade=no action=install dry=no start=yes purge=no

while [ $# -gt 0 ]; do
	case $1 in
	--binary | --prefix | --base-url)
		[ $# -ge 2 ] || fail "$1 needs a value; see --help"
		case $1 in
		--binary) binary=$2 ;;
		--prefix) PREFIX=$2 ;;
		--base-url) base_url=$2 ;;
		esac
		shift
		;;
	--no-start) start=no ;;
	--uninstall) action=uninstall ;;
	--purge) purge=yes ;;
	--dry-run) dry=yes ;;
	--help | -h)
		usage
		exit 0
		;;
	*) fail "unknown option $1; see --help" ;;
	esac
	shift
done

case $PREFIX in
/*) ;;
*) fail "--prefix must begin with a slash" ;;
esac
program=$DESTDIR$PREFIX/bin/recado
check_base_url
[ "$purge" = no ] || [ "$action" = uninstall ] || fail "--purge only goes with --uninstall"
if on_system && [ "$dry" = no ] && [ "$(id -u)" != 0 ]; then
	fail "installing needs root: run it with sudo, or set DESTDIR, or look with --dry-run"
fi
"${action}_all"
