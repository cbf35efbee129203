#!/usr/bin/env bash
# The main job in curl: a lead becomes a customer, a deal, a signed contract, and the report knows.
# Needs a running Keynode (`npm start`) and its credentials file; set KEYNODE_CREDENTIALS if it lies elsewhere.
set -euo pipefail

credentials=${KEYNODE_CREDENTIALS:-.keynode/credentials.json}
# read_json EXPRESSION: of the answer on standard input, which it calls r.
read_json() { node -pe "const r = JSON.parse(require('node:fs').readFileSync(0, 'utf8')); $1"; }
base=$(read_json r.baseUrl <"$credentials")
key=$(read_json r.apiKey <"$credentials")

# call METHOD PATH [BODY]: every write has a key of its own, so a repeat after a lost answer does nothing twice.
call() {
  curl --silent --show-error --fail-with-body --max-time 15 --request "$1" "$base$2" \
    --header "Authorization: Bearer $key" --header "Idempotency-Key: main-job-$(date +%s%N)" \
    --header 'Content-Type: application/json' ${3:+--data "$3"}
}
# until_true PATH EXPRESSION: effects in other services take moments.
until_true() {
  for _ in $(seq 100); do
    [ "$(call GET "$1" | read_json "$2")" = true ] && return
    sleep 0.2
  done
  echo "gave up waiting for $2 at $1" >&2
  return 1
}
step() { printf '%-12s %s\n' "$1" "$2"; }

email="wang.fang.$(date +%s%N)@acme.example"

lead=$(call POST /v1/forms:submit "{\"formName\":\"contact-us\",\"name\":\"王芳\",\"company\":\"Acme\",\"email\":\"$email\"}" | read_json r.leadId)
step captured "$lead"

call POST "/v1/leads/$lead:recordInquiry" '{"inquiry":{"product":"GTX Pro","question":"How much?","channel":"CHAT"}}' >/dev/null
call POST "/v1/leads/$lead:qualify" '{"note":"has budget"}' >/dev/null
conversion=$(call POST "/v1/leads/$lead:convert" '{"opportunityName":"100 seats","amount":{"currencyCode":"CNY","units":"12000"}}')
account=$(read_json r.conversion.accountId <<<"$conversion")
opportunity=$(read_json r.conversion.opportunityId <<<"$conversion")
until_true "/v1/leads/$lead" "r.conversion.state === 'COMPLETE'"
step converted "$account, $opportunity"

call POST "/v1/opportunities/$opportunity:advanceStage" '{"stageKey":"engaging"}' >/dev/null
step advanced "to engaging"

contract=$(call POST /v1/contracts "{\"accountId\":\"$account\",\"opportunityId\":\"$opportunity\",\"title\":\"100 seats\",
  \"value\":{\"currencyCode\":\"CNY\",\"units\":\"12000\"},
  \"cover\":{\"fromDate\":{\"year\":2026,\"month\":1,\"day\":1},\"untilDate\":{\"year\":2099,\"month\":12,\"day\":31}}}" | read_json r.id)
clause=$(call POST "/v1/contracts/$contract:addClause" '{"title":"Payment","text":"30 days"}' | read_json 'r.clauses[0].id')
call POST "/v1/contracts/$contract:proposePosition" "{\"clauseId\":\"$clause\",\"party\":\"THEIRS\",\"position\":\"60 days\"}" >/dev/null
call POST "/v1/contracts/$contract:acceptClause" "{\"clauseId\":\"$clause\",\"party\":\"OURS\"}" >/dev/null
call POST "/v1/contracts/$contract:sign" '{"signatories":[{"name":"Chen","party":"OURS"},{"name":"王芳","party":"THEIRS"}]}' >/dev/null
step signed "$contract"

until_true "/v1/opportunities/$opportunity" "r.status === 'WON'"
until_true "/v1/accounts/$account" "r.stage === 'CLOSED_WON' && r.purchaseCount === 1"
step effects "deal won, customer closed-won, purchase counted"

case_number=$(call POST /v1/cases "{\"accountId\":\"$account\",\"kind\":\"SERVICE_REQUEST\",\"subject\":\"It does not start\",\"channel\":\"CHAT\"}" | read_json r.number)
step case "$case_number"

step profile "$(call GET "/v1/accounts/$account:profile" | read_json 'Object.keys(r).join(", ")')"
until_true "/v1/reports/sales?groupBy=NONE&currency=CNY" "r.totals.wonCount > 0"
step report "$(call GET '/v1/reports/sales?groupBy=NONE&currency=CNY' | read_json 'r.totals.wonCount') deals won"
