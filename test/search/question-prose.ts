/** What is to be said of each open question besides what the search finds. */
import type { PolicyId } from '../../src/design/policies.ts';

export const PROSE: Readonly<Record<PolicyId, string>> = {
  Q1: `domain_pause() stops a vCPU at the next scheduling opportunity and waits
for no emulation, so the request and its answer are lost with xen#1.
SHUTDOWN_suspend waits, but goes through shutdown_code, which is state of
the guest, and tells the tool stack.`,
  Q2: `The work of a tasklet is a function and a pointer of xen#1, and the
caller stands behind its hypercall, paused. No stream can carry that.
Refusing is safe but leaves it to luck when an update can be made.`,
  Q3: `domain_create() cannot make what domain_kill() has half undone, and the
order of its phases differs between versions. Waiting has no end if the
domain stays a zombie: a peer that maps one page of it decides.`,
  Q4: `Registers and cursor belong together and may be in two domains. Each
answer that keeps one of them only gives the guest an error that it would
not have got. "restart" is close to right, but a port that was opened below
the cursor meanwhile is closed.`,
  Q5: `Raised in the discussion, no answer recorded. The state holds a pointer
to the calling domain; as a domid it could be carried.`,
  Q6: `Raised in the discussion, no answer recorded. What is partial may be
dropped: nothing refers to it but its own flag and the vCPU, so xen#2
derives types from pins and cr3 and the re-entered call starts again.`,
  Q7: `"fake" was defended with the want of a counter-example. Here is one: a
v2 grant table on an xen#2 that allows v1 only. There is no v1 table that
could be made up from it without the guest noticing.`,
  Q8: `Both answers begin with a host that is wrong already. Crashing loses
all guests at once and says why; running on leaves the damage where it
is, and a guest that closes the port stops the machine later (F6.12).
What the search judges here is the end of the update alone. A crash of
xen#2 is what PNR-2 counts; that nothing is counted for the other answer
does not make it right.`,
  Q9: `A foreign entry holds a reference to a page of another domain. Before
pass 1 no page has an owner, so no such reference can be taken. What to
do when xen#2 finds later that the mapping is not allowed stays open: the
model crashes (Q8).`,
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
and excludes every host with a stub domain that is not PV.`,
  Q14: `All answers hold on a consistent host. "order" gives up the licence to
restore domains of one pass in parallel (R40). On a host whose pair is
wrong already, "defer" and "order" stop xen#2, and "drop" runs on with a
pair that breaks I6.1; a test does that.`,
  Q15: `No invariant of an update breaks, because the loss is earlier: from the
load of xen#2 on, no crash kernel is there, also when the update is
refused or goes wrong, which is when it is wanted. A test looks.`,
  Q16: `dom0 cannot run before it is restored, and nothing runs before it that
could restore it. So the model lets xen#2 stop there.`,
};
