// A server for tests that knows people, sign-ins and links, and whose clock is the test's.

interface Account {
  readonly id: string;
  readonly username: string;
  password: string;
  role: string;
}

interface SignIn {
  readonly user: Account;
  token: string;
  refresh: string | undefined;
  readonly tokens: Set<string>;
}

const MINUTE = 60_000;

const encoded = (value: object) => btoa(JSON.stringify(value)).replaceAll("=", "");

/** Answers like the real one, as far as signing in goes. */
export class FakeHouse {
  readonly people: Account[] = [];
  readonly codes = new Set<string>();
  /** What was asked, as "GET /api/auth/me". */
  readonly asked: string[] = [];
  /** Whether nobody gets an answer. */
  isAway = false;
  /** Answers wait until this resolves. */
  gate: Promise<void> = Promise.resolve();
  tokenLifeMs = 60 * MINUTE;
  #signIns: SignIn[] = [];
  #count = 0;

  constructor(private readonly now: () => number) {}

  add(username: string, role = "operator", password = `${username}'s password`): Account {
    const account = { id: `usr-${username}`, username, password, role };
    this.people.push(account);
    return account;
  }

  /** Somebody is signed in elsewhere; the token and what renews it. */
  admit(user: Account, isRenewable = true): { token: string; refreshToken?: string } {
    const signIn = { user, token: "", refresh: undefined, tokens: new Set<string>() };
    this.#signIns.push(signIn);
    return this.#renew(signIn, isRenewable);
  }

  /** Ends every sign-in of somebody. */
  end(user: Account): void {
    this.#signIns = this.#signIns.filter((signIn) => signIn.user.id !== user.id);
  }

  /** How many sign-ins there are. */
  get open(): number {
    return this.#signIns.length;
  }

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const { pathname } = new URL(String(input));
    const route = `${init.method ?? "GET"} ${pathname}`;
    this.asked.push(route);
    if (this.isAway) throw new TypeError("fetch failed");
    const header = new Headers(init.headers).get("authorization");
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : {};
    const answer = this.#answer(route, header?.slice("Bearer ".length) ?? "", words(body));
    await this.gate;
    return answer;
  };

  #answer(route: string, token: string, body: Readonly<Record<string, string>>): Response {
    if (route === "POST /api/auth/login") return this.#login(body);
    if (route === "POST /api/auth/refresh") return this.#refresh(body.refreshToken ?? "");
    if (route === "POST /api/auth/exchange") return this.#exchange(body.code ?? "");
    const signIn = this.#signIns.find(({ tokens }) => tokens.has(token));
    if (signIn === undefined || expiry(token) <= this.now()) return refused(401, "INVALID_TOKEN");
    switch (route) {
      case "GET /api/auth/me":
        return told({ user: shape(signIn.user) });
      case "POST /api/auth/logout":
        this.#signIns = this.#signIns.filter((other) => other !== signIn);
        return told({ message: "signed out" });
      case "POST /api/users": {
        if (this.people.some(({ username }) => username === body.username)) {
          return refused(409, "USER_EXISTS");
        }
        return told({ user: shape(this.add(body.username ?? "", body.role, body.password)) });
      }
      default:
        return this.#password(signIn.user, body);
    }
  }

  #login({ username, password }: Readonly<Record<string, string>>): Response {
    const user = this.people.find((one) => one.username === username);
    if (user === undefined || user.password !== password)
      return refused(401, "INVALID_CREDENTIALS");
    return told({ ...this.admit(user), user: shape(user) });
  }

  #refresh(shown: string): Response {
    const signIn = this.#signIns.find(({ refresh }) => refresh === shown);
    if (signIn !== undefined)
      return told({ ...this.#renew(signIn, true), user: shape(signIn.user) });
    // Whoever shows an old one has copied it, or was copied.
    const [, owner] = shown.split(" of ");
    this.#signIns = this.#signIns.filter(({ user }) => user.id !== owner);
    return refused(401, "INVALID_TOKEN");
  }

  #exchange(code: string): Response {
    if (!this.codes.delete(code)) return refused(401, "INVALID_CODE");
    const guest = { id: "guest", username: "guest", password: "", role: "admin" };
    const isFirst = this.people.length === 0;
    return told({ token: this.admit(guest, false).token, user: shape(guest), isFirst });
  }

  #password(user: Account, body: Readonly<Record<string, string>>): Response {
    if (body.currentPassword !== user.password) return refused(401, "INVALID_CREDENTIALS");
    user.password = body.newPassword ?? "";
    this.end(user);
    return told({ message: "changed" });
  }

  #renew(signIn: SignIn, isRenewable: boolean): { token: string; refreshToken?: string } {
    this.#count += 1;
    const iat = Math.floor(this.now() / 1000);
    const claims = { sub: signIn.user.id, iat, exp: iat + this.tokenLifeMs / 1000, n: this.#count };
    signIn.token = `head.${encoded(claims)}.sign`;
    signIn.tokens.add(signIn.token);
    if (!isRenewable) return { token: signIn.token };
    signIn.refresh = `${this.#count} of ${signIn.user.id}`;
    return { token: signIn.token, refreshToken: signIn.refresh };
  }
}

const shape = ({ id, username, role }: Account) => ({ id, username, name: username, role });

const told = (answer: object) =>
  Response.json({ success: true, data: answer, ...answer, expiresIn: "1h" });

const refused = (status: number, code: string) =>
  Response.json({ success: false, error: { code, message: `refused: ${code}` } }, { status });

function expiry(token: string): number {
  const claims: unknown = JSON.parse(atob(token.split(".")[1] ?? ""));
  return typeof claims === "object" && claims !== null && "exp" in claims
    ? Number(claims.exp) * 1000
    : 0;
}

const words = (body: unknown): Readonly<Record<string, string>> =>
  typeof body === "object" && body !== null
    ? Object.fromEntries(Object.entries(body).map(([key, value]) => [key, String(value)]))
    : {};
