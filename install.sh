#!/bin/sh
# Installs recado as a systemd service. Running it again updates the program and
# keeps configuration and data.
set -eu

PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}

usage() {
	cat <<'END'
Usage: ./install.sh [--binary FILE] [--prefix DIR] [--no-start] [--dry-run]
       ./install.sh --uninstall [--purge] [--prefix DIR] [--dry-run]

Installs
  PREFIX/bin/recado                    the program (PREFIX is /usr/local)
  /etc/recado/config.toml              the configuration, kept if it is there
  /var/lib/recado                      the data, owned by the user recado
  /etc/systemd/system/recado.service   the service

  --binary FILE  install this program; otherwise ./recado, or what Go builds here
  --prefix DIR   install below DIR instead of /usr/local
  --no-start     do not enable and start the service
  --uninstall    stop the service, remove it and the program; configuration, data
                 and user stay
  --purge        with --uninstall: remove those too
  --dry-run      say what would be done, do nothing
  --help         this

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

install_program() {
	[ "$dry" = yes ] || [ -f "$binary" ] || fail "$binary is no file"
	run mkdir -p "$DESTDIR$PREFIX/bin"
	# Beside it and then renamed: the running program's file cannot be written to.
	run cp "$binary" "$DESTDIR$PREFIX/bin/recado.new"
	run chmod 0755 "$DESTDIR$PREFIX/bin/recado.new"
	run mv -f "$DESTDIR$PREFIX/bin/recado.new" "$DESTDIR$PREFIX/bin/recado"
}

install_user() {
	on_system || return 0
	if id recado >/dev/null 2>&1; then
		return 0
	elif have useradd; then
		run useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin recado
	elif have adduser; then
		run adduser -S -D -H -h "$data" -s /sbin/nologin recado
	else
		fail "neither useradd nor adduser is here: create a system user named recado, then run this again"
	fi
}

install_config() {
	run mkdir -p "$DESTDIR/etc/recado"
	if [ -e "$DESTDIR$config" ]; then
		echo "keeping $DESTDIR$config"
		return 0
	fi
	if [ -f "$here/config.example.toml" ]; then
		sed 's|^data_dir = .*|data_dir = "/var/lib/recado"|' "$here/config.example.toml" | put 0640 "$DESTDIR$config"
	else
		echo 'data_dir = "/var/lib/recado"' | put 0640 "$DESTDIR$config"
	fi
	# The token of the operator may stand in it.
	! on_system || run chown root:recado "$config"
}

install_data() {
	run mkdir -p "$DESTDIR$data"
	run chmod 0700 "$DESTDIR$data"
	! on_system || run chown recado:recado "$data"
}

install_service() {
	run mkdir -p "$DESTDIR/etc/systemd/system"
	put 0644 "$DESTDIR$unit" <<END
[Unit]
Description=recado, a self-hosted Web Push appliance
After=network-online.target
Wants=network-online.target

[Service]
Type=simple
User=recado
Group=recado
ExecStart=$PREFIX/bin/recado serve --config $config
ExecReload=/bin/kill -HUP \$MAINPID
Restart=on-failure
RestartSec=2s
# More than shutdown_timeout.
TimeoutStopSec=45s
UMask=0077
LimitNOFILE=65536

# Its data directory is all it writes to; a data_dir elsewhere needs
# ReadWritePaths= in a drop-in (systemctl edit recado).
StateDirectory=recado
StateDirectoryMode=0700
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes

# Ports below 1024 are the one privilege that it may need.
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
END
}

start_service() {
	has_systemd || return 0
	run systemctl daemon-reload
	[ "$start" = yes ] || return 0
	run systemctl enable recado.service
	run systemctl restart recado.service
}

say_next() {
	[ "$dry" = no ] && on_system || return 0
	cat <<END

recado is installed. Next:
  set base_url in $config to the address that browsers use, then
  systemctl restart recado
  cat $data/admin-token    the operator's token, until the first sign-in
  journalctl -u recado               what it says
END
}

install_all() {
	find_binary
	install_program
	install_user
	install_config
	install_data
	install_service
	start_service
	say_next
}

uninstall_all() {
	if has_systemd && [ -e "$unit" ]; then
		run systemctl disable --now recado.service
	fi
	run rm -f "$DESTDIR$unit" "$DESTDIR$PREFIX/bin/recado"
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

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
config=/etc/recado/config.toml
data=/var/lib/recado
unit=/etc/systemd/system/recado.service
binary="" action=install dry=no start=yes purge=no

while [ $# -gt 0 ]; do
	case $1 in
	--binary | --prefix)
		[ $# -ge 2 ] || fail "$1 needs a value; see --help"
		if [ "$1" = --binary ]; then binary=$2; else PREFIX=$2; fi
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
[ "$purge" = no ] || [ "$action" = uninstall ] || fail "--purge only goes with --uninstall"
if on_system && [ "$dry" = no ] && [ "$(id -u)" != 0 ]; then
	fail "installing needs root: run it with sudo, or set DESTDIR, or look with --dry-run"
fi
"${action}_all"
