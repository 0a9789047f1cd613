// The independent judge: panva's oidc-provider on two free loopback ports, one of them for mutual TLS.
//
// stdin, first line:  {"clients": [RFC 7591 client metadata ...], "resources": {"<uri>": "<scopes>"},
//                      "tls": {"cert", "key", "ca"}}, all three as PEM
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
import { createServer as createTlsServer } from 'node:https';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { Provider, errors } from 'oidc-provider';

const TOKEN_LIFETIME = 300; // seconds
const METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
];
const ASSERTION_ALGS = ['HS', 'RS', 'PS', 'ES']
  .flatMap((family) => ['256', '384', '512'].map((size) => family + size))
  .concat(['Ed25519', 'EdDSA']);

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

function peerCertificate(ctx) {
  return ctx.socket.getPeerX509Certificate?.();
}

function mutualTls() {
  return {
    enabled: true,
    certificateBoundAccessTokens: true,
    selfSignedTlsClientAuth: true,
    tlsClientAuth: true,
    getCertificate: (ctx) => peerCertificate(ctx)?.toString(),
    certificateAuthorized: (ctx) => ctx.socket.authorized === true,
    certificateSubjectMatches: (ctx, property, expected) => (
      property === 'tls_client_auth_subject_dn' && peerCertificate(ctx).subject === expected
    ),
  };
}

async function configuration({ clients, resources, aliases }) {
  return {
    clients,
    discovery: { mtls_endpoint_aliases: aliases },
    enabledJWA: { clientAuthSigningAlgValues: ASSERTION_ALGS },
    scopes: Object.values(resources).flatMap((scope) => scope.split(' ')),
    clientDefaults: { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
    clientAuthMethods: METHODS,
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      introspection: { enabled: true },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true },
      mTLS: mutualTls(),
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
  const assertion = ctx.oidc.params?.client_assertion;
  if (assertion) {
    const { alg } = JSON.parse(Buffer.from(assertion.split('.')[0], 'base64url'));
    return alg.startsWith('HS') ? 'client_secret_jwt' : 'private_key_jwt';
  }
  if (ctx.oidc.params?.client_secret) return 'client_secret_post';
  // Which of the two methods a certificate serves is a matter of the registration; on the wire they are alike.
  return peerCertificate(ctx) ? ctx.oidc.client?.clientAuthMethod ?? 'a certificate' : 'none';
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
// What a certificate is worth is the provider's to say, so the handshake itself lets every one of them in.
const tlsServer = createTlsServer({ ...setup.tls, requestCert: true, rejectUnauthorized: false });
tlsServer.listen(0, '127.0.0.1');
await once(tlsServer, 'listening');
const tlsBase = `https://127.0.0.1:${tlsServer.address().port}`;
const aliases = {
  token_endpoint: `${tlsBase}/token`,
  introspection_endpoint: `${tlsBase}/token/introspection`,
  revocation_endpoint: `${tlsBase}/token/revocation`,
};
const provider = new Provider(issuer, await configuration({ ...setup, aliases }));
for (const { client_id: id } of setup.clients) {
  await provider.Client.find(id); // throws on bad metadata, which would look like a refusal later
}
report(provider);
server.on('request', provider.callback());
tlsServer.on('request', provider.callback());
tell({ issuer, token_endpoint: `${issuer}/token` });
