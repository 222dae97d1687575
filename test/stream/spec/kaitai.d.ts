/** The part of the compiler that is used here; the package has no types of its own. */
declare module 'kaitai-struct-compiler' {
  const compiler: {
    /** Source files by name. `ksy` is the description as a value. */
    compile(
      language: string,
      ksy: unknown,
      importer: null,
      debug: boolean,
    ): Promise<Readonly<Record<string, string>>>;
  };
  export default compiler;
}

/**
 * The runtime of generated readers. Its own types speak of a default export
 * that is not there, and change global ones.
 */
declare module 'kaitai-struct' {
  const runtime: { readonly KaitaiStream: new (bytes: ArrayBuffer) => { readonly pos: number } };
  export default runtime;
}
