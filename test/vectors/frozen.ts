/**
 * SHA-256 of every file of the vectors. A stream (.lu) that changes is a
 * break with every Xen that reads or writes it: then a record needs a new
 * number, not this list a new hash. A host (.json) changes with the model.
 */
export const FROZEN: Readonly<Record<string, string>> = {
  'idle-dom0.host.json': 'a2b54b58e90b6f69cc157184e0bcb7a6dee0e7afbbaee8f51c7f97ae0349c77a',
  'idle-dom0.lu': 'dcb934f0ab3ba03bd3b6adcd6263e5803cc4cb8bb30615dcbe6f75e06b9842e8',
  'idle-dom0.restored.json': 'e757a72c360b4e95226555b8cc79c4f86fcc324982be8b7b8664d505d3eeabe1',
  'mixed.host.json': '27d1bc36b6eb1975f0e1aaa8ef86b06686c7afefa98cd6e99f456cb8949a454b',
  'mixed.lu': '8d79e0f56d2a368fe92a020e7e82849fa5419b4e52d786ac564bd048b20919f6',
  'mixed.restored.json': '91d83a818b6f5586cc7677c4d2239755c0dc92ba82b8e0b7596ab7e9236766b2',
  'fifo-queues.host.json': '1aaa28a4425a5a6a5bd8ee41c41229ba3c3efd0dacf1e55a4a9cf2235bc8f7ee',
  'fifo-queues.lu': '647b6528a502c790e19b4dea84fc398e9890281328a4e89588695f8273d5b97d',
  'fifo-queues.restored.json': '250a753bc3e1a1c2b5312d72a587c163b515d23e40498faa4c2e178af7ba7e61',
  'zombie.host.json': '2edaaded5fb743bc0939f3ace3877b7fd2ac2f0f2b2c2e732cd67569507ad30f',
  'zombie.lu': '8c720979f83f4d1e1949d0746a66170000ea51ae7614da07d3e529a64b73a991',
  'zombie.restored.json': '33ea01b3898a9b7fbc27d4882e1c439b22905c3e499998c9c01daacf2dbb12b9',
  'grants-v2.host.json': '497fa6c984fa3c1db17d7a3982f58540329c390dbb5e08f49efd2abf4d95996d',
  'grants-v2.lu': '9f1943a88689daab28d8fe81ce72442cd6e46d1de8dbfee3d710d7a3479359c9',
  'grants-v2.restored.json': '5051847df6c13326b54f03ce98c3ce38bc2370b3016c1476b9ec7aa243de777e',
  'hvm-emulator.host.json': '9e042d07806a77b184c8fdf42d4029cc1f7475b27af92aa206f4f7efa2bb2ee8',
  'hvm-emulator.lu': '8e59cc476cb3371774a5c7f6f7e4c9d01bea2176450a7641c4716001d78a4940',
  'hvm-emulator.restored.json': '5038b53ba2c537fbf2b6d1f1b4b123b7e9fec2652e69f944cd49777d543b5090',
  'lives.host.json': '8aa63511a3a67ee2d9fa185ebe653ab7f4ce43041672bd9a6d8bc43cfe71949c',
  'lives.lu': '0dff1b4a7534bb6961991f69b18f36e3a72b1d1aa6f1cedf9043cea61fc3e34d',
  'lives.restored.json': '14796abd161fb9d8927c1376a622b8443e984eb69892c3e7a706c3a852de81f2',
  'interrupted.host.json': 'f559e804046c040b88fb67d4ba1b08bad9954676006db9270e8290854c04d63f',
  'interrupted.lu': 'a7ab8af7c0ef380e4d0cff8e36ebbcb82f22e0eb2b1ed7e4831890a9e7995258',
  'interrupted.restored.json': 'c1351e1917a0eb5111737600c2307df5827f85709dd1bd2914358e7bc4b54ad7',
  'rollback.host.json': '181379e9f18bb38e44ea91835276a9a53a16e3d93242b6150cfde2632e5778e2',
  'rollback.lu': 'd5bc059bb6e42e3d4b19b625dea8fd2dbe57eb33a9773b47360ab4cb3442c712',
  'rollback.restored.json': '938c204a58b13b067905cdbe5fa719457e6fb186e2303acf01a7dc5d90147959',
};
