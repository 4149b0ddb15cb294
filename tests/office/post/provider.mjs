// A real OpenID provider (npm oidc-provider) for mailboxes. Arguments: port, seconds that a token lives, the public key
// of the client with a certificate (JWK). It serves until its standard input ends; a line there ends every token.
import { createInterface } from "node:readline";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [port, seconds, jwk] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const machine = { redirect_uris: [], response_types: [], grant_types: ["client_credentials"], scope: "mail" };
const tokens = new Map();

class Memory {
  constructor(name) { this.name = name; }
  key(id) { return `${this.name}:${id}`; }
  async upsert(id, payload) { tokens.set(this.key(id), payload); }
  async find(id) { return tokens.get(this.key(id)); }
  async findByUid() {}
  async findByUserCode() {}
  async consume() {}
  async destroy(id) { tokens.delete(this.key(id)); }
  async revokeByGrantId() {}
}

const provider = new Provider(issuer, {
  adapter: Memory,
  clients: [
    { ...machine, client_id: "brug", client_secret: "geheim-van-de-toepassing" },
    { ...machine, client_id: "brug-met-certificaat", token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [JSON.parse(jwk)] } },
    { ...machine, client_id: "dovecot", client_secret: "geheim-van-dovecot" },
  ],
  clientAuthMethods: ["client_secret_post", "client_secret_basic", "private_key_jwt"],
  scopes: ["mail"],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
  },
  extraTokenClaims: () => ({ mailbox: "gedeeld" }),
  ttl: { ClientCredentials: Number(seconds) },
});
createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => console.log("ready"));
createInterface({ input: process.stdin }).on("line", () => { tokens.clear(); console.log("ended"); }).on("close", () => process.exit());
