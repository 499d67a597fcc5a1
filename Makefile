# SPDX-License-Identifier: GPL-2.0-or-later
#
# leat: one Makefile, output in build/.
#
#   make                 build leatd, leat, leat-decap
#   sudo make demo       install what is missing, build, and watch leat work in namespaces
#   sudo make check      install what is missing, build, and run every test
#   make check-fast      unit and packet tests only
#   sudo make chaos      two minutes of everything that can go wrong, under load; SECONDS=600 SEED=1
#   sudo make check-vm   tests on Debian's kernels 6.1 and 6.12 in QEMU; KERNELS=6.1: on that alone
#   sudo make fuzz       program against model: PACKETS=10000000 random packets, SEED=1, FRAGS=1: loaded as xdp.frags
#   make fuzz-inputs     libFuzzer on what comes from outside: SECONDS=60 for each target, TARGET=yaml for one
#   sudo make bench-pcc  connections broken by changes: leat and other policies
#   sudo make bench-peers   leat beside nftables, HAProxy and nginx: ROUNDS=5 CONNECTIONS=100000; bench-ipvs: and IPVS, in QEMU
#   make install         PREFIX=/usr/local DESTDIR=
#
#   sudo make check-valgrind   the unit tests and two namespace tests under valgrind
#   sudo make coverage   run every test, and tell which lines of user/ they reached
#
#   V=1 shows the commands; SAN=address,undefined builds user space with sanitizers.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY: # keep what lies between: objects of BPF programs are used by the lab and by bpftool
.DEFAULT_GOAL := all

PREFIX ?= /usr/local
DESTDIR ?=
SAN ?=
COV ?=
B := build$(if $(SAN),/san)$(if $(COV),/cov)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)';)

VERSION := 0.1.0
CC := gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)

warnings := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter \
	-Wno-missing-field-initializers
CPPFLAGS := -Iinclude -Iuser -I$(B) -D_GNU_SOURCE -DLEAT_VERSION='"$(VERSION)"'
CFLAGS := -std=gnu11 -O2 -g $(warnings) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) \
	$(if $(COV),-O0 --coverage -fprofile-update=atomic)
# As libraries libasan and libubsan get in each other's way: reports go to standard error instead of to log_path.
LDFLAGS := $(if $(SAN),-fsanitize=$(SAN) -static-libasan -static-libubsan) $(if $(COV),--coverage)
DEPFLAGS = -MMD -MP

libs_base := -levent_core -ljansson
libs_source := -lcyaml -lyaml
libs_net := -lmnl
libs_health := -lcurl -lssl -lcrypto -levent_core
libs_serve := -levent_core -levent_extra -ljansson
libs_dataplane := -lxdp -lbpf -lelf -lz
libs_daemon := -lsystemd
libs_cli := -lcurl -ljansson

multiarch := $(shell gcc -print-multiarch 2>/dev/null)
BPFFLAGS := -target bpf -mcpu=v3 -O2 -g -Iinclude -I. -I/usr/include/$(multiarch) -Wall -Wextra -Werror \
	-Wno-unused-parameter -Wno-address-of-packed-member -Wno-unknown-warning-option

rooms := base model source net health serve dataplane
sources = $(filter-out %_main.c,$(wildcard user/$(1)/*.c))
objects = $(patsubst %.c,$(B)/%.o,$(1))
$(foreach r,$(rooms) daemon cli bench,$(eval objects_$(r) := $(call objects,$(call sources,$(r)))))

programs := $(B)/leatd $(B)/leat $(B)/leat-decap $(B)/leat-bench
skeletons := $(patsubst bpf/%.bpf.c,$(B)/%.skel.h,$(wildcard bpf/*.bpf.c))

.PHONY: all
all: $(programs)

# --- user space ---------------------------------------------------------------------------------
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) -c -o $@ $<

$(objects_dataplane): | $(skeletons)

$(B)/leatd: $(B)/user/daemon/leatd_main.o $(objects_daemon) $(foreach r,$(rooms),$(objects_$(r)))
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(libs_serve) $(libs_source) $(libs_net) $(libs_health) \
		$(libs_dataplane) $(libs_daemon) $(libs_base)

$(B)/leat: $(B)/user/cli/leat_main.o $(objects_cli) $(objects_base)
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(libs_cli) $(libs_base)

$(B)/leat-decap: $(B)/user/daemon/decap_main.o $(objects_dataplane) $(objects_model) $(objects_base)
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(libs_dataplane) $(libs_base)

$(B)/leat-bench: $(B)/user/bench/bench_main.o $(objects_bench) $(objects_dataplane) $(objects_net) $(objects_model) $(objects_base)
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(libs_dataplane) $(libs_net) $(libs_base)

# --- the data path ------------------------------------------------------------------------------
$(B)/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	$(call say,CLANG,$<) $(CLANG) $(BPFFLAGS) $(DEPFLAGS) -MF $(@:.o=.d) -c -o $@ $<

$(B)/%.skel.h: $(B)/%.bpf.o
	$(call say,SKEL,$@) $(BPFTOOL) gen skeleton $< > $@

# --- tests --------------------------------------------------------------------------------------
unit_tests := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*_test.c))
chaos_tests := $(B)/tests/chaos/maps $(B)/tests/chaos/sent $(B)/tests/chaos/plant.so
net_tests := $(patsubst tests/net/%.c,$(B)/tests/net/%,$(wildcard tests/net/*_test.c))
net_peers := $(B)/tests/net/quic_server $(B)/tests/net/quic_client
packet_tests := $(patsubst tests/packet/%.c,$(B)/tests/packet/%,$(wildcard tests/packet/*_test.c))
packet_shared := $(call objects,$(filter-out %_test.c,$(filter-out %.bpf.c,$(wildcard tests/packet/*.c))))
test_skeletons := $(patsubst tests/packet/%.bpf.c,$(B)/tests/packet/%.skel.h,$(wildcard tests/packet/*.bpf.c))

$(B)/tests/%.bpf.o: tests/%.bpf.c
	@mkdir -p $(@D)
	$(call say,CLANG,$<) $(CLANG) $(BPFFLAGS) $(DEPFLAGS) -MF $(@:.o=.d) -c -o $@ $<

$(call objects,$(wildcard tests/packet/*_test.c)) $(packet_shared): | $(test_skeletons) $(skeletons)
$(packet_shared) $(call objects,$(wildcard tests/unit/*.c tests/net/*.c tests/packet/*.c tests/fuzz/*.c)): CPPFLAGS += -Itests

reference := $(call objects,$(wildcard tests/reference/*.c))
$(reference): CPPFLAGS += -Itests

test_rooms := $(foreach r,cli serve dataplane health net source model base,$(objects_$(r)))
test_libs := $(libs_serve) $(libs_dataplane) $(libs_source) $(libs_net) $(libs_health) $(libs_base) -lcmocka -lm

$(unit_tests) $(net_tests): $(B)/tests/%: $(B)/tests/%.o $(reference) $(test_rooms)
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(test_libs)

$(net_peers): %: %.o $(B)/tests/net/quic_peer.o
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ -lngtcp2_crypto_gnutls -lngtcp2 -lgnutls -ljansson

$(B)/tests/chaos/maps $(B)/tests/chaos/sent: %: %.o $(objects_model) $(objects_base)
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ -lbpf $(libs_base)

# Into leatd by LD_PRELOAD, so without sanitizers.
$(B)/tests/chaos/plant.so: tests/chaos/plant.c
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(CPPFLAGS) -std=gnu11 -O2 -g $(warnings) -fPIC -shared -o $@ $<

$(packet_tests): $(B)/tests/packet/%: $(B)/tests/packet/%.o $(packet_shared) $(reference) $(test_rooms)
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(test_libs)

# --- fuzzing the data path: docs/testing.md -------------------------------------------------------
fuzz_tests := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(wildcard tests/fuzz/*_test.c))
fuzz_shared := $(call objects,$(filter-out %_test.c %_main.c,$(wildcard tests/fuzz/*.c)))
fuzzer := $(B)/tests/fuzz/fuzz
PACKETS := 10000000

$(call objects,$(wildcard tests/fuzz/*.c)): | $(skeletons)

$(fuzz_tests): $(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(fuzz_shared) $(packet_shared) $(reference) $(test_rooms)
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(test_libs)

$(fuzzer): $(B)/tests/fuzz/fuzz_main.o $(fuzz_shared) $(packet_shared) $(reference) $(test_rooms)
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(test_libs)

.PHONY: fuzz
fuzz: bootstrap
	@$(MAKE) --no-print-directory $(fuzzer)
	@$(fuzzer) --packets $(PACKETS) --seed $(or $(SEED),1) $(if $(FRAGS),--frags) --directory $(B)/tests/fuzz

# --- fuzzing what comes from outside: docs/testing.md ---------------------------------------------
# An object tree of clang's own, of only the rooms that a target enters.
input_targets := $(patsubst tests/inputs/%.c,%,$(wildcard tests/inputs/*.c))
inputs := $(addprefix $(B)/inputs/,$(input_targets))
input_sanitizers := address,undefined
input_flags := -std=gnu11 -O1 -g $(warnings) -fno-omit-frame-pointer -fno-sanitize-recover=undefined
input_objects = $(patsubst $(B)/%,$(B)/inputs/%,$(foreach r,$(1),$(objects_$(r))))

$(B)/inputs/%.o: %.c
	@mkdir -p $(@D)
	$(call say,FUZZ,$<) $(CLANG) $(CPPFLAGS) -Itests $(input_flags) -fsanitize=fuzzer-no-link,$(input_sanitizers) \
		$(DEPFLAGS) -c -o $@ $<

$(B)/inputs/answer: $(B)/inputs/user/health/answer.o $(call input_objects,base)
$(B)/inputs/api: $(B)/inputs/user/daemon/edit.o $(call input_objects,serve source model base)
$(B)/inputs/dns: $(B)/inputs/user/health/dns_message.o $(call input_objects,model base)
$(B)/inputs/grpc: $(B)/inputs/user/health/grpc_message.o $(call input_objects,model base)
$(B)/inputs/icmp: $(B)/inputs/user/health/icmp_message.o $(call input_objects,base)
$(B)/inputs/line: $(call input_objects,cli base)
# rtnl holds ways.c itself.
$(B)/inputs/rtnl: $(filter-out %/ways.o,$(call input_objects,net)) $(call input_objects,model base)
$(B)/inputs/text: $(call input_objects,base)
$(B)/inputs/via: $(B)/inputs/user/net/via_message.o $(call input_objects,base)
$(B)/inputs/yaml: $(call input_objects,source model base)

$(inputs): $(B)/inputs/%: $(B)/inputs/tests/inputs/%.o
	$(call say,LINK,$@) $(CLANG) -fsanitize=fuzzer,$(input_sanitizers) -o $@ $^ $(test_libs)

.PHONY: fuzz-inputs
fuzz-inputs: bootstrap
	@$(MAKE) --no-print-directory $(inputs)
	@B=$(B) SECONDS_EACH=$(or $(SECONDS),60) tests/inputs/run fuzz $(TARGET)

# --- benches ------------------------------------------------------------------------------------
bench_shared := $(call objects,tests/packet/loaded.c tests/packet/draw.c)
bench_pcc := $(call objects,$(wildcard tests/bench/pcc*.c))
$(bench_pcc): CPPFLAGS += -Itests
$(bench_pcc): | $(skeletons)

$(B)/tests/bench/pcc: $(bench_pcc) $(bench_shared) $(test_rooms)
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(test_libs)

# Half an hour. Writes the plots that docs/flows.md shows.
.PHONY: bench-pcc
bench-pcc: bootstrap
	@scripts/bootstrap --bench
	@$(MAKE) --no-print-directory $(B)/tests/bench/pcc
	@mkdir -p $(B)/bench
	$(B)/tests/bench/pcc --plot $(B)/bench
	$(B)/tests/bench/pcc --curve --plot $(B)/bench
	$(B)/tests/bench/pcc --flood
	gnuplot -e "from='$(B)/bench'; to='docs'" tests/bench/pcc.gp

$(B)/tests/bench/peers: $(B)/tests/bench/peers.o
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^

# leat beside nftables, HAProxy and nginx, in namespaces. A quarter of an hour. Writes the plots that docs/performance.md shows.
.PHONY: bench-peers bench-ipvs
bench-peers: bootstrap
	@scripts/bootstrap --bench
	@$(MAKE) --no-print-directory all $(B)/tests/bench/peers
	@B=$(B) tests/bench/peers --rounds $(or $(ROUNDS),5) --connections $(or $(CONNECTIONS),100000) --plot $(B)/bench
	gnuplot -e "from='$(B)/bench'; to='docs'" tests/bench/peers.gp

# The same on a kernel that has IPVS, in QEMU, so without KVM: only ratios say something.
bench-ipvs: bootstrap
	@scripts/bootstrap --vm
	@scripts/bootstrap --bench
	@$(MAKE) --no-print-directory all $(B)/tests/bench/peers
	@scripts/vm --timeout 3000 6.12 env B=$(B) tests/bench/peers --rounds $(or $(ROUNDS),3) --connections $(or $(CONNECTIONS),5000) \
		--only 'leat l2,leat ipip,IPVS l2,nftables'

.PHONY: bootstrap chaos check check-ci check-fast check-net check-vm build-tests check-valgrind coverage demo
bootstrap:
	@scripts/bootstrap

build-tests: all $(unit_tests) $(packet_tests) $(net_tests) $(net_peers) $(fuzz_tests) $(fuzzer) $(chaos_tests) $(inputs)

check: bootstrap
	@$(MAKE) --no-print-directory build-tests
	@B=$(B) tests/run all

check-fast: build-tests
	@B=$(B) tests/run fast

check-net: all $(net_tests) $(net_peers)
	@B=$(B) tests/run net

# SECONDS of events, drawn from SEED (a new one).
chaos: all $(chaos_tests)
	@B=$(B) tests/chaos/chaos --seconds $(or $(SECONDS),120) $(if $(SEED),--seed $(SEED))

# The machines see this tree read-only and use what was built here.
$(B)/tests/vm/verifier: $(B)/tests/vm/verifier.o
	$(call say,LINK,$@) $(CC) $(LDFLAGS) -o $@ $^ $(libs_dataplane)
$(B)/tests/vm/verifier.o: | $(skeletons)

check-vm: bootstrap
	@scripts/bootstrap --vm
	@$(MAKE) --no-print-directory build-tests $(B)/tests/vm/verifier
	@B=$(B) tests/run vm

check-ci:
	@KERNELS=6.1 scripts/bootstrap --vm
	@$(MAKE) --no-print-directory build-tests $(B)/tests/vm/verifier
	@B=$(B) tests/run ci

check-valgrind:
	@scripts/bootstrap --valgrind
	@$(MAKE) --no-print-directory build-tests
	@tests/valgrind

# Programs write their counters as they exit, those that are not root's, too. What is not reached: $(B)/report.txt.
coverage: bootstrap
	@$(MAKE) --no-print-directory COV=1 build-tests
	@find build/cov -name '*.gcda' -delete && chmod -R a+rwX build/cov
	@umask 0; status=0; for what in fast net; do B=build/cov tests/run $$what || status=1; done; \
		if [ -x build/tests/fuzz/fuzz ]; then build/tests/fuzz/fuzz --directory build/tests/fuzz; fi; \
		scripts/coverage build/cov && exit $$status

demo: bootstrap
	@$(MAKE) --no-print-directory all
	@B=$(B) scripts/demo

# --- installing ---------------------------------------------------------------------------------
.PHONY: install uninstall clean format
install: all
	@B=$(B) PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) scripts/install

uninstall:
	@PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) scripts/install --remove

clean:
	rm -rf build

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

-include $(shell find $(B) -name '*.d' 2>/dev/null)
