/** What is to be said of each open question besides what the search finds. */
import type { PolicyId } from '../../src/design/policies.ts';

export const PROSE: Readonly<Record<PolicyId, string>> = {
  Q1: `domain_pause() stops a vCPU at the next scheduling opportunity and waits
for no emulation, so the request and its answer are lost with xen#1.
SHUTDOWN_suspend waits, but goes through shutdown_code, which is state of
the guest, and tells the tool stack.`,
  Q2: `The work of a tasklet is a function and a pointer of xen#1, and the
caller stands behind its hypercall, paused. No stream can carry that, so
it has to be complete in xen#1. Refusing is safe but leaves it to luck when
an update can be made: a microcode update that takes a second is reason
enough.`,
  Q3: `domain_create() cannot make what domain_kill() has half undone. Waiting has
no end if the domain stays a zombie: a peer that maps one page of it
decides. Dropping the domain takes its pages from under whoever maps them,
and xen#2 finds a mapping of a domain that it does not know. Even finishing
may have no end: the move to cpupool0, the last step, may fail for ever
(F4.4). A domain that lacks only that is carried as it is, by "finish" and
"wait" alike (X57).

"shell" works because each phase of the teardown can be done again on what
it left, but not with the least that was thought of (domid, state, pages,
incoming pins): as long as its event channels and its own grant mappings
are not torn down, the peers of both need them in the stream, so all that
is left is carried. Between Xens of one domctl interface it saves the time
of the teardown: in the first scope the save begins 2 steps after the
request at best under every answer, but only "finish" has to take up to 14
phases first. Across interfaces it saves nothing, because the domctl of
dom0 would come back as -EACCES (F3.9) and is finished in xen#1 anyway: the
second scope shows all answers alike.

"exact" is as good as "shell" while the order of the phases is the same,
and wrong where it is not. Without the rule on F3.9 the scope of S33 shows
4.20 to 4.17: the number of "mappings" is read as "vcpu_pagetables", the
P2M is passed over, and the page that it maps stays referenced for ever. The
other way, 4.15 to a newer Xen, the number names an earlier phase and the
search finds nothing: phases can be repeated.`,
  Q4: `Registers and cursor belong together and may be in two domains (X33). Each
answer that keeps one of them only gives the guest an error that it would
not have got. "exact" needs a Xen with the sub-op (S15). "restart" is close
to right, but a port that was opened below the cursor meanwhile is closed,
which the second scope finds. "drop" as it was proposed leaves the peers as
they were.`,
  Q5: `Raised in the discussion, no answer recorded. The state holds a pointer
to the calling domain; as a domid it could be carried.`,
  Q6: `Raised in the discussion, no answer recorded. What is partial may be
dropped: nothing refers to it but its own flag and the vCPU, so xen#2
derives types from pins and cr3, and the re-entered call starts again.
"finish" costs a step in xen#1 for each vCPU, "carry" a record that says
how far each table had come; the references are taken by the rules of xen#2 in
either case, so XSA-299 does no harm. Copied counts do (S20, S21): the
verification of xen#2 stops the host, and without it (drop R44) a page is
never freed, or freed while it is in use.`,
  Q7: `"fake" was defended with the want of a counter-example. Here is one: a
v2 grant table on an xen#2 that allows v1 only. There is no v1 table that
could be made up from it without the guest noticing.`,
  Q8: `All answers begin with a host that is wrong already. "early" was not
proposed on the list. xen#1 compares its own counts with its own references
before the jump, as xen#2 will, and refuses: no guest is lost, so it is the
default. It costs one more pass over all frames while everything is paused
(F1.5 was against such passes). In the model that is within the noise of
an update, which says nothing of a machine. xen#2 has to look again all
the same, since a fault may come from the restore.

"crash" is what the PoC did: a declared end (PNR-2), which loses all guests
at once and says why. Declared is only the crash at a fault that xen#1 had
already; one that the restore causes breaks PNR-2 under every answer.
"tolerate" leaves the damage where it is, and a guest that closes the port
stops the machine later (F6.12); a test does that. The search judges the
end of the update alone: that nothing is counted for "tolerate" does not
make it right. A map whose granter is gone waits in the same way for the
unmap that crashes its domain (F7.6).`,
  Q9: `A foreign entry holds a reference to a page of another domain. Before
pass 1 no page has an owner, so no such reference can be taken. The P2M
itself is taken as it lies, under every answer (R43).

What if xen#2 thinks that there is no right to a mapping? "We can't easily
recover from that", it was said. The hypercall asked xen#1's policy when
the mapping was made; xen#2 may have been booted with another. In the model
it has if its command line says flask=enforcing, and allows what the dummy
policy does: a privileged domain's mappings, and those of the owner's device
model. xen#1 knows command line and image before the jump, so it can ask the
question itself, and a refusal costs nothing ("early"). "unmap" takes a page
from under a guest or a device. "trust" leaves a mapping that xen#2 would
not have made; nothing breaks by it in xen#1's eyes, and in xen#2's the
policy is not in force.`,
  Q10: `A long-running host has its free memory in pieces. The place of xen#1
with its bootmem is the only one that is known to exist. Where there is
room elsewhere the guests come through, but xen#2 boots in memory that
xen#1 had not kept for it, which is what MEM-1 forbids: all of xen#1's
heap could be that memory. A test does both. Relocation of the early
boot code above 4 GiB is not modelled: the model has no virtual addresses.`,
  Q11: `With a fixed size an image that is larger by 2 MiB can never be loaded,
which is what bootmem below the image was meant for.`,
  Q12: `At this level the answer makes no difference to what is restored. Each
block is a function of the parked host and of one domain, so the blocks
are the same in any order and by any number of threads; a test saves in
every order. What differs is the number of orders, and the time, which
the model does not measure.`,
  Q13: `The emulator has to run until the request is answered. Parked as any
HVM domain it never answers, and quiescing has no end. Refusing is safe,
and excludes every host with a stub domain that is not PV. Under "late" a
circle of such domains is left, in which each waits for the other to be
parked first: it is found before anything is touched, and refused (A1, S7).
A guest that is paused while its request is in flight would wait as long as
its pause (X1): that is refused as well, whatever the answer here.`,
  Q14: `All answers hold on a consistent host. "order" gives up the licence to
restore domains of one pass in parallel (R40). A host whose pair is wrong
already is refused by xen#1 (Q8). Where it does not look, "defer" and
"order" stop xen#2, and "drop" runs on with a pair that breaks I6.1; a test
does that.`,
  Q15: `From the load of xen#2 on no crash kernel is there where the region is
shared, also when the update is refused or goes wrong, which is when it is
wanted. Parting one region when the machine boots keeps both, but fixes the
size of bootmem: an image that is larger by 2 MiB cannot be loaded, which
bootmem below the image was meant for (R24).`,
  Q16: `dom0 cannot run before it is restored, and nothing runs before it that
could restore it. So the model lets xen#2 stop there.`,
};
