// Package systemtest proves what needs root: that install.sh installs, upgrades,
// rolls back and removes, that a full or read-only disk loses nothing, that the
// program needs nothing around it. Its tests have the build tag system and run by
// make test-system, as plain root: where a container forbids mounting, a chroot
// and plain files have to do wherever they can.
//
//   - A root is a directory with a small Linux in it, in which install.sh and recado
//     run by chroot; nothing of this machine's is touched.
//   - A manager plays systemd for a root: it does what the units say, as the user
//     that they name, and waits for what sd_notify(3) tells.
//
// Processes that are started here end with the test, also when it is killed.
package systemtest
