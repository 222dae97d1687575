/**
 * Whether a function's text shows that a call of it leaves nothing behind and
 * meets nothing that another call left: it calls nothing and sets nothing.
 * Then each of its calls depends on its arguments, on what it reads from them
 * and on what was there before the first call, and on nothing else.
 *
 * The one hole left is a getter, `valueOf` or iterator with a memory of its own on an
 * object that the function has from elsewhere.
 */

const known = new Map<string, boolean>();

/** More texts than this are not kept. */
const MOST = 4096;

/** Words with which a function could call, set, wait or end without a result. */
const refused: ReadonlySet<string> = new Set(
  `arguments async await catch class debugger delete do eval for function import instanceof let new
   super switch this throw try var while with yield get set static`.split(/\s+/),
);

/** Words that a parenthesis may follow without its being a call. */
const open: ReadonlySet<string> = new Set(['if', 'return', 'typeof', 'in', 'void', 'case', 'else']);

const token =
  /\s+|([A-Za-z_$][\w$]*)|(\d[\w.]*|\.\d\w*)|('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(===|!==|==|!=|<=|>=|=>|\.\.\.|\?\?|\?\.|&&|\|\||\*\*|<<|>>>|>>|[-+*%<>!~?:;,.(){}[\]&|^])/y;

/** True if no call of `body` leaves anything behind; false also where that cannot be told. */
export function isSelfContained(body: unknown): boolean {
  if (typeof body !== 'function') return false;
  const text = Function.prototype.toString.call(body);
  const before = known.get(text);
  if (before !== undefined) return before;
  const answer = tells(text);
  if (known.size < MOST) known.set(text, answer);
  return answer;
}

/** Reads an arrow function token by token. */
function tells(text: string): boolean {
  if (text.length > 2000) return false;
  let last = '';
  let arrow = false;
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    // A comment, a regular expression, a template, an assignment, a division.
    if (match === null) return false;
    const [whole, word, number, string, sign] = match;
    if (word === undefined && number === undefined && string === undefined && sign === undefined)
      continue;
    const isName = word !== undefined && last !== '.' && last !== '?.';
    if (isName && refused.has(word)) return false;
    if (sign === '(' && isCalled(last)) return false;
    // Two signs make `++` or `--`.
    if ((sign === '+' || sign === '-') && last === sign) return false;
    if (sign === '=>') arrow = true;
    last = isName && open.has(word) ? 'open' : word !== undefined ? 'name' : (sign ?? whole);
  }
  return arrow;
}

function isCalled(before: string): boolean {
  return /^(?:name|[)\]}]|\?\.|['"].*|\d.*)$/.test(before);
}
