// A provider of identities (OpenID Connect), for tests: signs in whomever the request hints at, without asking;
// else it shows a button of the first.
// Told by one JSON argument {keys, people, client}; prints the issuer once it listens. On stdin, a line of JSON
// with other keys replaces them.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import Provider, { interactionPolicy } from 'oidc-provider'

const told = JSON.parse(process.argv.at(-1))
const { people, client } = told
let callback
const server = createServer((request, response) => callback(request, response))

function provider(issuer, keys) {
  const made = new Provider(issuer, {
    jwks: { keys },
    clients: [client],
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'] },
    cookies: { keys: ['for tests only'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}`, policy: interactionPolicy.base() },
    findAccount: (_, sub) => people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    renderError: (context, out) => { context.type = 'json'; context.body = out },
  })
  made.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next()
    const { prompt, params, session } = await made.interactionDetails(context.req, context.res)
    const [first] = Object.keys(people)
    if (prompt.name === 'login' && !params.login_hint && context.method === 'GET') {
      context.body = `<form method="post"><button>Go on as ${first}</button></form>`
      return
    }
    const result = prompt.name === 'login'
      ? { login: { accountId: params.login_hint ?? first } }
      : { consent: { grantId: await granted(made, params, session.accountId) } }
    return made.interactionFinished(context.req, context.res, result)
  })
  return made.callback()
}

async function granted(made, params, accountId) {
  const grant = new made.Grant({ accountId, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  return grant.save()
}

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  callback = provider(issuer, told.keys)
  console.log(issuer)
  createInterface({ input: process.stdin }).on('line', (line) => {
    callback = provider(issuer, JSON.parse(line))
    console.log('changed')
  })
})
