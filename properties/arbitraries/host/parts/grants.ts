/** Grants offered and mapped, in every way that there is (F7.5). */
import { mapGrant, offerGrant } from '../../../../src/host/build/grants.ts';
import { type PartKind, pick, room, type Site } from './kind.ts';

/** Maps of one grant: each is a handle of the grantee. */
const MAPS = [
  [],
  [{ host: true }],
  [{ host: true, device: true }],
  [{ device: true }],
  [{ host: true }, { host: true }],
  [{ host: true, readonly: true }],
  [{ host: true }, { host: true, readonly: true }],
  [
    { device: true, readonly: true },
    { host: true, device: true },
  ],
  [{ host: true, device: true, readonly: true }, { device: true }],
] as const;

const grant = ({ draft, at, other, n }: Site): void => {
  const [how, form, where] = n;
  const maps = pick(MAPS, how);
  // A grant of the domain to itself, or to another one.
  const granter = at.domain.domid;
  const mapper = other.domain.domid;
  if (room(at) < 1 || room(other) < 2) return;
  const readonly = form % 3 === 1;
  const high = form % 5 === 4 ? { ref: 512 + (where % 700) } : {};
  const taken = 'ref' in high && at.nextRef > (high.ref ?? 0);
  if (taken) return;
  const ref = offerGrant(draft, granter, { to: mapper, readonly, ...high });
  for (const map of maps)
    mapGrant(draft, mapper, {
      granter,
      ref,
      ...map,
      ...(readonly ? { readonly: true } : {}),
      vcpu: where % other.domain.vcpus.length,
    });
};

/** Sub-page and transitive offers exist in v2 tables only (F7.1); nobody maps them. */
const special = ({ draft, at, other, n }: Site): void => {
  if (at.domain.grants.version !== 2) return;
  const to = other.domain.domid;
  if (n[0] % 2 === 1)
    offerGrant(draft, at.domain.domid, { to, transitive: { domid: to, ref: 8 + (n[1] % 8) } });
  else if (room(at) > 0)
    offerGrant(draft, at.domain.domid, {
      to,
      subPage: { offset: 64 * (n[1] % 8), length: 64 + (n[2] % 512) },
    });
};

export const grantParts: readonly PartKind[] = [
  {
    id: 'grant',
    says: 'a grant, and the maps of its grantee',
    sources: ['F7.1', 'F7.5', 'S52', 'S55'],
    weight: 30,
    build: grant,
  },
  {
    id: 'grant-v2',
    says: 'a sub-page or transitive offer of a v2 table',
    sources: ['F7.1', 'F7.7'],
    weight: 3,
    build: special,
  },
];
