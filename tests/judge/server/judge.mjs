// The independent judge: panva's oidc-provider on a free loopback port.
//
// stdin, first line:  {"clients": [RFC 7591 client metadata ...], "resources": {"<uri>": "<scopes>"}}
// stdout, first line: {"issuer": ..., "token_endpoint": ...} once it answers
// stdout, later:      one verdict per token request, {"granted": true | false, "method", "error", "reason"}
//
// The verdict is for the tests. Over HTTP every failed client authentication looks the same, so without its
// reason a test could not tell a replayed assertion from one with a bad signature; and this server lets a
// client_secret_post client use the Authorization header, so the method seen is told as well.
//
// It ends when stdin closes, and so never outlives the tests that started it.

import { once } from 'node:events';
import { generateKeyPair, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { Provider, errors } from 'oidc-provider';

const TOKEN_LIFETIME = 300; // seconds

// The library writes notices with console.info; stdout here is for the protocol above and nothing else.
console.info = console.error;

function tell(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function resourceServerFinder(resources) {
  return async (ctx, uri) => {
    if (!Object.hasOwn(resources, uri)) {
      throw new errors.InvalidTarget('this authorization server does not know the resource');
    }
    return {
      audience: uri,
      scope: resources[uri],
      accessTokenFormat: 'jwt',
      accessTokenTTL: TOKEN_LIFETIME,
      jwt: { sign: { alg: 'RS256' } },
    };
  };
}

async function signingKeys() {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'judge', use: 'sig', alg: 'RS256' }] };
}

async function configuration({ clients, resources }) {
  return {
    clients,
    scopes: Object.values(resources).flatMap((scope) => scope.split(' ')),
    clientDefaults: { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => undefined,
        getResourceServerInfo: resourceServerFinder(resources),
      },
    },
    jwks: await signingKeys(),
    ttl: { ClientCredentials: TOKEN_LIFETIME },
  };
}

function methodSeen(ctx) {
  if (ctx.get('authorization')) return 'client_secret_basic';
  if (ctx.oidc.params?.client_assertion) return 'private_key_jwt';
  return ctx.oidc.params?.client_secret ? 'client_secret_post' : 'none';
}

function report(provider) {
  provider.on('grant.success', (ctx) => tell({ granted: true, method: methodSeen(ctx) }));
  provider.on('grant.error', (ctx, problem) => {
    const reason = problem.error_detail ?? problem.error_description ?? problem.message;
    tell({ granted: false, method: methodSeen(ctx), error: problem.error, reason });
  });
  provider.on('server_error', (ctx, problem) => console.error(problem));
}

const stdin = createInterface({ input: process.stdin });
stdin.on('close', () => process.exit(0));
const [line] = await once(stdin, 'line');

// The port has to be known before the issuer can be named, so the socket listens first.
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

const setup = JSON.parse(line);
const provider = new Provider(issuer, await configuration(setup));
for (const { client_id: id } of setup.clients) {
  await provider.Client.find(id); // throws on bad metadata, which would look like a refusal later
}
report(provider);
server.on('request', provider.callback());
tell({ issuer, token_endpoint: `${issuer}/token` });
