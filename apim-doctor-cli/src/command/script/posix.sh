#!/bin/sh
# Records what `apim-doctor diagnose FILE` needs. Printed by apim-doctor @VERSION@.
#
# What it reads: @SUBJECT@
# and what decides whether it reaches its vaults: identities, vaults, role assignments, networks, private endpoints and
# DNS zones. It runs only `az rest --method get` and searches of Resource Graph, with your own sign-in. It changes
# nothing in Azure, and it fetches no secret, no key and no app setting.
# What it writes: one file, readable by you only: recording.json, or the name that you give as the first argument.
# @SECRETS@
# What to do with the file: copy it to a machine with apim-doctor and run `apim-doctor diagnose recording.json`.
#
# Needed: az (signed in: `az login`), sh, grep, sed, sort, tr. Each read takes about a second; expect a few minutes.

set -u
umask 077
# For the tools of the shell; az keeps the locale of this session.
locale=${LC_ALL-}
LC_ALL=C
# Git Bash would change arguments that start with a slash.
MSYS_NO_PATHCONV=1
export LC_ALL MSYS_NO_PATHCONV

out=${1:-recording.json}
policies=@POLICIES@

stop() {
  printf '%s\n' "$1" >&2
  exit 2
}

azure() {
  LC_ALL=$locale az "$@" </dev/null
}

tenant=$(azure account show --query tenantId -o tsv 2>/dev/null) \
  || stop 'az is missing or not signed in: run "az login" first'
cloud=$(azure cloud show --query name -o tsv)
manager=$(azure cloud show --query endpoints.resourceManager -o tsv)
work=$(mktemp -d "${TMPDIR:-/tmp}/apim-doctor.XXXXXX") || stop 'no temporary folder can be made'
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for file in asked exchanges queue declared known vaults grants subnets networks callers accounts zones endpoints; do
  : > "$work/$file"
done

# The names of this cloud.
known=yes
case $cloud in
@CLOUDS@
esac

# The api-version of a read, and what else its query says.
query_of() {
  case $1 in
@VERSIONS@
  esac
}

# ---- What is to be read: a queue in which every read stands once.

# queue KIND TARGET [BODY]
queue() {
  key=$(printf '%s %s' "$2" "${3-}" | tr 'A-Z' 'a-z')
  if ! grep -qxF -e "$key" "$work/asked"; then
    printf '%s\n' "$key" >> "$work/asked"
    printf '%s\t%s\t%s\n' "$1" "$2" "${3-}" >> "$work/queue"
  fi
}

# get KIND PATH
get() {
  query_of "$1"
  queue "$1" "$2?$query"
}

# each KIND END: for every id on standard input
each() {
  while read -r each_id; do
    get "$1" "$each_id$2"
  done
}

# subscription_of ID
subscription_of() {
  rest=${1#/*/}
  subscription=/subscriptions/${rest%%/*}
}

# within KIND ID PROVIDER: a list in the subscription of a resource
within() {
  subscription_of "$2"
  get "$1" "$subscription/providers/$3"
}

# graph KIND PATH: Microsoft Graph
graph() {
  if [ "$known" = yes ]; then
    queue "$1" "https://$graph_host/v1.0/$2"
  fi
}

# find_by KIND CONDITION: Resource Graph
find_by() {
  queue "$1" '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01' \
    "{\"query\": \"resources | where $2 | project id, name, type\"}"
}

# ---- What an answer says. az prints one member a line, indented by two.

# strings FILE: every text in it, a line each
strings() {
  tr '"' '\n' < "$1"
}

# ids TYPE [FILE]: the ids of resources of a type
ids() {
  strings "${2-$work/body}" \
    | grep -iE "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/$1/[^/]+/?\$" | sed 's#/$##' | sort -u
}

# values MEMBER FILE: the texts of a member, in lower case
values() {
  sed -n "s/^ *\"$1\": \"\\([^\"]*\\)\",\\{0,1\\}\$/\\1/p" "$2" | tr 'A-Z' 'a-z'
}

# elements BLANKS FILE: every element of the lists that are indented so, a line each
elements() {
  sed -n "/^$1{\$/,/^$1}/{H;/^$1}/{s/.*//;x;s/\\n/ /g;p;};}" "$2"
}

# ---- One read.

# What may be a secret is dropped before it is written: tags, values of named values, credentials of backends.
clean() {
  sed -E -e '/^ *"tags": \{$/,/^ *\}/s/": ".*"/": ""/' \
    -e 's/^( *"[A-Za-z]*([pP]assword|[cC]onnectionString|[aA]ccessKey|primaryKey|secondaryKey|pfxBlob|encodedCertificate)": )".*"(,?)$/\1"<redacted>"\3/' \
    "$work/answer" > "$work/body"
  address="\": \"(https://)?[A-Za-z0-9-]+\\.${vault_suffix}[A-Za-z0-9/-]*\",?\$"
  case $1 in
    # Settings and messages of extensions are what somebody wrote; the Key Vault of encrypted disks is all that matters.
    Machine | Extensions)
      cp "$work/body" "$work/answer"
      sed -E -e '/^        "settings": \{$/,/^        \}/{/"(KeyVaultURL|KeyVaultResourceId|KeyEncryptionKeyURL|EncryptionOperation)": /b' \
        -e 's/": ".*"(,?)$/": "<redacted>"\1/;s/^( *)"([^"\\]|\\.)*"(,?)$/\1"<redacted>"\3/;}' \
        -e '/^        "instanceView": \{$/,/^        \}/s/("message": )".*"(,?)$/\1"<redacted>"\2/' \
        -e '/^      "extensions": \[$/,/^      \]/s/("message": )".*"(,?)$/\1"<redacted>"\2/' \
        -e 's/^( *"(customData|userData)": )".*"(,?)$/\1"<redacted>"\3/' "$work/answer" > "$work/body"
      ;;
    NamedValues | WorkspaceNamedValues)
      cp "$work/body" "$work/answer"
      sed -E -e "\\#$address#b" -e 's/^(        "value": )".*"(,?)$/\1"<redacted>"\2/' "$work/answer" > "$work/body"
      ;;
    Backends | WorkspaceBackends)
      cp "$work/body" "$work/answer"
      sed -E -e '/^        "(credentials|proxy)": \{$/,/^        \}/{s/": ".*"/": "<redacted>"/;s/^( *)"([^"\\]|\\.)*"(,?)$/\1"<redacted>"\3/;}' \
        -e "\\#$address#b" -e 's/^(        "(url|description|title)": )".*"(,?)$/\1"<redacted>"\3/' \
        "$work/answer" > "$work/body"
      ;;
    SiteConfig | SlotConfig)
      all=$(sed -n -E 's/^    "vnetRouteAllEnabled": ([a-z]*),?$/\1/p' "$work/answer")
      printf '{\n  "id": "%s",\n  "properties": {\n    "vnetRouteAllEnabled": %s\n  }\n}\n' "$2" "${all:-null}" > "$work/body"
      ;;
  esac
}

# What az says of a refusal: `ERROR: Not Found({"error":{"code":"ResourceNotFound",…}})`. Only a refusal with a code of
# Azure's own counts as one. Everything else counts as no answer, which proves nothing.
refusal() {
  tr '\r\n' '  ' < "$work/error" > "$work/said"
  code=$(sed -n 's/^[^{]*{ *"error" *: *{ *"code" *: *"\([A-Za-z0-9_.]*\)".*/\1/p' "$work/said")
  said=$(sed -n 's/^ERROR: \([A-Z][A-Za-z ]*\)({.*/\1/p' "$work/said")
  case $said in
    'Not Found') status=404 ;;
    'Forbidden') status=403 ;;
    'Unauthorized') status=401 ;;
    'Too Many Requests') status=429 ;;
    *) status=0 ;;
  esac
  if [ -z "$code" ]; then
    status=0
    code=NoAnswer
  fi
}

# record REQUEST SEND: adds the answer to the recording
record() {
  {
    if [ -s "$work/exchanges" ]; then printf ',\n'; fi
    printf '{"request": "%s", "status": %s, ' "$1" "$status"
    if [ -n "$2" ]; then printf '"send": %s, ' "$2"; fi
    if [ "$status" = 200 ]; then
      printf '"body":\n'
      cat "$work/body"
      printf '}'
    else
      printf '"body": {"error": {"code": "%s", "message": "%s"}}}' "$code" 'as az reported it'
    fi
  } >> "$work/exchanges"
}

# ask KIND TARGET SEND
ask() {
  count=$((count + 1))
  printf '%s: %s\n' "$count" "${2%%\?*}" >&2
  for pause in 10 20 0; do
    if [ -n "$3" ]; then
      azure rest --method post --uri "$2" --body "$3" -o json --only-show-errors \
        > "$work/answer" 2> "$work/error"
    else
      azure rest --method get --uri "$2" -o json --only-show-errors > "$work/answer" 2> "$work/error"
    fi
    failed=$?
    grep -q 'ERROR: Too Many Requests(' "$work/error" || break
    sleep "$pause"
  done
  case $2 in
    https://*) path=${2#https://*/} path=/${path%%\?*} ;;
    *) path=${2%%\?*} ;;
  esac
  # An answer that is not JSON does not come from Azure.
  case $failed,$(sed -n '1p' "$work/answer"),$(sed -n '$p' "$work/answer") in
    0,'{,}' | 0,'[,]')
      status=200
      clean "$1" "$path"
      record "$([ -n "$3" ] && echo POST || echo GET) $2" "$3"
      next "$1" "$2" "$3"
      follow "$1" "$path"
      ;;
    *)
      refusal
      record "$([ -n "$3" ] && echo POST || echo GET) $2" "$3"
      refused "$1" "$2" "$path"
      ;;
  esac
}

# next KIND TARGET SEND: the next page of a list, at the same host only
next() {
  if [ -n "$3" ]; then
    token=$(sed -n 's/^  "$skipToken": "\([^"\\]*\)",\{0,1\}$/\1/p' "$work/body")
    if [ -n "$token" ]; then
      start=${3%%, \"options\"*}
      queue "$1" "$2" "${start%\}}"', "options": {"$skipToken": "'"$token"'"}}'
    fi
    return
  fi
  link=$(sed -n -e 's/^  "nextLink": "\([^"\\]*\)",\{0,1\}$/\1/p' -e 's/^  "@odata.nextLink": "\([^"\\]*\)",\{0,1\}$/\1/p' \
    "$work/body")
  case $link in
    "${manager%/}"/* | "https://$graph_host/"*) queue "$1" "$link" ;;
  esac
}

# ---- What follows from an answer.

# start ID: an instance, an app, a certificate, a gateway or a Recovery Services vault
start() {
  within Vaults "$1" Microsoft.KeyVault/vaults
  around "$1"
  printf '%s\n' "$1" >> "$work/callers"
  case $(printf '%s' "$1" | tr 'A-Z' 'a-z') in
    */providers/microsoft.apimanagement/service/*)
      get Instance "$1"
      get NamedValues "$1/namedValues"
      get Certificates "$1/certificates"
      if [ "$policies" = yes ]; then
        get Policy "$1/policies/policy"
        get Fragments "$1/policyFragments"
        get Apis "$1/apis"
        get Products "$1/products"
        get Backends "$1/backends"
      else
        query_of Policy
        status=0 code=NotAsked
        record "GET $1/policies/policy?$query" ''
      fi
      ;;
    */providers/microsoft.web/sites/*/slots/*) slot "$1" ;;
    */providers/microsoft.web/sites/*)
      get Site "$1"
      get SiteConfig "$1/config/web"
      get References "$1/config/configreferences/appsettings"
      get ConnectionReferences "$1/config/configreferences/connectionstrings"
      get Slots "$1/slots"
      ;;
    */providers/microsoft.web/certificates/*) get AppCertificate "$1" ;;
    */providers/microsoft.network/applicationgateways/*) get ApplicationGateway "$1" ;;
    */providers/microsoft.recoveryservices/vaults/*)
      get RecoveryVault "$1"
      get BackupConfig "$1/backupconfig/vaultconfig"
      get EncryptionConfig "$1/backupEncryptionConfigs/backupResourceEncryptionConfig"
      get BackupPolicies "$1/backupPolicies"
      get ProtectedMachines "$1/backupProtectedItems"
      get GuardProxies "$1/backupResourceGuardProxies"
      get DiagnosticSettings "$1/providers/Microsoft.Insights/diagnosticSettings"
      now=$(date +%s)
      query_of BackupJobs
      queue BackupJobs \
        "$1/backupJobs?$query&\$filter=startTime eq '$(moment $((now - 604800)))' and endTime eq '$(moment "$now")'"
      ;;
  esac
}

# moment SECONDS: a time as the lists of jobs want it
moment() {
  date -u -d "@$1" '+%Y-%m-%d %I:%M:%S %p' 2>/dev/null || date -u -r "$1" '+%Y-%m-%d %I:%M:%S %p'
}

# around ID: what concerns every vault and account of a subscription
around() {
  within Perimeters "$1" Microsoft.Network/networkSecurityPerimeters
  within CustomRoles "$1" Microsoft.Authorization/roleDefinitions
}

slot() {
  get Slot "$1"
  get SlotConfig "$1/config/web"
  get SlotReferences "$1/config/configreferences/appsettings"
  get SlotConnectionReferences "$1/config/configreferences/connectionstrings"
}

# caller_answered: what every caller says of its identities and subnets
caller_answered() {
  cat "$work/body" >> "$work/known"
  ids 'Microsoft\.ManagedIdentity/userAssignedIdentities' | each UserIdentity ''
  ids 'Microsoft\.Network/virtualNetworks/[^/]+/subnets' | while read -r id; do
    subnet "$id"
    resolves_in "${id%/[sS]ubnets/*}"
  done
}

# subnet ID: a subnet on the way
subnet() {
  printf '%s\n' "\"id\": \"$1\"" >> "$work/subnets"
  get Network "${1%/[sS]ubnets/*}"
}

# resolves_in ID: a network in which names are resolved
resolves_in() {
  : > "$work/resolves"
  get Network "$1"
  within Zones "$1" Microsoft.Network/privateDnsZones
  within Rulesets "$1" Microsoft.Network/dnsForwardingRulesets
  within Resolvers "$1" Microsoft.Network/dnsResolvers
  within NetworkManagers "$1" Microsoft.Network/networkManagers
  find_by FindZones "type =~ 'microsoft.network/privatednszones' and name in~ ('$vault_zone')"
  find_by FindResolvers "type in~ ('microsoft.network/dnsresolvers', 'microsoft.network/dnsforwardingrulesets')"
}

ruleset() {
  get RulesetLinks "$1/virtualNetworkLinks"
  get Rules "$1/forwardingRules"
}

# assignments ID: who has rights at a vault or account
assignments() {
  get RoleAssignments "$1/providers/Microsoft.Authorization/roleAssignments"
  get DenyAssignments "$1/providers/Microsoft.Authorization/denyAssignments"
}

private_endpoints() {
  ids 'Microsoft\.Network/privateEndpoints' | while read -r id; do
    get PrivateEndpoint "$id"
    get ZoneGroups "$id/privateDnsZoneGroups"
  done
}

# of_disks: the Key Vaults that hold the keys of a machine's disks, which the backup service reads
of_disks() {
  ids 'Microsoft\.KeyVault/vaults' > "$work/of_disks"
  if [ -s "$work/of_disks" ]; then
    each Vault '' < "$work/of_disks"
    if [ -n "$backup_service" ]; then graph FirstParty "servicePrincipals(appId='$backup_service')"; fi
  fi
}

# follow KIND PATH
follow() {
  case $1 in
    FindInstance)
      strings "$work/body" | grep -iE '^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/' | while read -r id; do
        start "$id"
      done
      ;;
    Instance)
      caller_answered
      cat "$work/body" >> "$work/declared"
      if grep -qi '"type": "[^"]*SystemAssigned' "$work/body"; then
        get SystemIdentity "$2/providers/Microsoft.ManagedIdentity/identities/default"
      fi
      if grep -qi '"subnetResourceId": "' "$work/body"; then
        get NetworkStatus "$2/networkstatus"
      fi
      # These tiers have no workspaces.
      if ! sed -n '/^  "sku": {/,/^  }/p' "$work/body" | grep -qiE '"name": "(developer|basic|standard|consumption)"'; then
        get Workspaces "$2/workspaces"
      fi
      ;;
    Workspaces)
      ids 'Microsoft\.ApiManagement/service/[^/]+/workspaces' | while read -r id; do
        get WorkspaceNamedValues "$id/namedValues"
        get WorkspaceCertificates "$id/certificates"
        if [ "$policies" = yes ]; then
          get WorkspacePolicy "$id/policies/policy"
          get WorkspaceFragments "$id/policyFragments"
          get WorkspaceBackends "$id/backends"
          get WorkspaceApis "$id/apis"
          get WorkspaceProducts "$id/products"
        fi
      done
      ;;
    Apis)
      cat "$work/body" >> "$work/declared"
      ids 'Microsoft\.ApiManagement/service/[^/]+/apis' | while read -r id; do
        get ApiPolicy "$id/policies/policy"
        get Operations "$id/operations"
      done
      elements '    ' "$work/body" | grep -iE '"(type|apiType)": "graphql"' > "$work/graphql"
      ids 'Microsoft\.ApiManagement/service/[^/]+/apis' "$work/graphql" | each ApiResolvers /resolvers
      ;;
    WorkspaceApis)
      cat "$work/body" >> "$work/declared"
      ids 'Microsoft\.ApiManagement/service/[^/]+/workspaces/[^/]+/apis' | while read -r id; do
        get WorkspaceApiPolicy "$id/policies/policy"
        get WorkspaceOperations "$id/operations"
      done
      ;;
    Operations)
      ids 'Microsoft\.ApiManagement/service/[^/]+/apis/[^/]+/operations' | each OperationPolicy /policies/policy
      ;;
    WorkspaceOperations)
      ids 'Microsoft\.ApiManagement/service/[^/]+/workspaces/[^/]+/apis/[^/]+/operations' \
        | each WorkspaceOperationPolicy /policies/policy
      ;;
    ApiResolvers)
      ids 'Microsoft\.ApiManagement/service/[^/]+/apis/[^/]+/resolvers' | each ResolverPolicy /policies/policy
      ;;
    Products) ids 'Microsoft\.ApiManagement/service/[^/]+/products' | each ProductPolicy /policies/policy ;;
    WorkspaceProducts)
      ids 'Microsoft\.ApiManagement/service/[^/]+/workspaces/[^/]+/products' | each WorkspaceProductPolicy /policies/policy
      ;;
    Site | Slot)
      caller_answered
      strings "$work/body" | tr 'A-Z' 'a-z' \
        | sed -n "s#^https://\\([a-z0-9]*\\)\\.[a-z]*\\.$storage_suffix.*#\\1#p" >> "$work/accounts"
      ;;
    Slots)
      ids 'Microsoft\.Web/sites/[^/]+/slots' | while read -r id; do
        slot "$id"
      done
      ;;
    AppCertificate)
      cat "$work/body" >> "$work/declared"
      vault=$(ids 'Microsoft\.KeyVault/vaults')
      secret=$(values keyVaultSecretName "$work/body")
      if [ -n "$vault" ] && [ -n "$secret" ]; then
        printf '"https://%s.%s/secrets/%s"\n' "${vault##*/}" "$vault_host" "$secret" >> "$work/declared"
        get Vault "$vault"
        graph FirstParty "servicePrincipals(appId='$app_service')"
      fi
      ;;
    FirstParty) sed 's/^  "id": /  "principalId": /' "$work/body" >> "$work/known" ;;
    ApplicationGateway)
      caller_answered
      cat "$work/body" >> "$work/declared"
      ;;
    RecoveryVault)
      cat "$work/body" >> "$work/known"
      cat "$work/body" >> "$work/declared"
      ids 'Microsoft\.ManagedIdentity/userAssignedIdentities' | each UserIdentity ''
      # Servers and databases need a way to a vault whose public access is off.
      if grep -qi '"publicNetworkAccess": "Disabled"' "$work/body"; then
        for own in MAB AzureWorkload; do
          query_of ProtectedServers
          queue ProtectedServers "$2/backupProtectedItems?$query&\$filter=backupManagementType eq '$own'"
          query_of BackupContainers
          queue BackupContainers "$2/backupProtectionContainers?$query&\$filter=backupManagementType eq '$own'"
        done
      fi
      ;;
    ProtectedMachines)
      ids 'Microsoft\.Compute/virtualMachines' | while read -r id; do
        get Machine "$id"
        get Extensions "$id/extensions"
        get Locks "${id%/[Pp]roviders/*}/providers/Microsoft.Authorization/locks"
      done
      ;;
    BackupPolicies)
      # A policy may name the groups of the restore points.
      subscription_of "$2"
      elements '    ' "$work/body" | while read -r own; do
        start=$(printf '%s' "$own" | sed -n 's/.*"azureBackupRGNamePrefix": "\([A-Za-z0-9._()-]*\)".*/\1/p')
        end=$(printf '%s' "$own" | sed -n 's/.*"azureBackupRGNameSuffix": "\([A-Za-z0-9._()-]*\)".*/\1/p')
        if [ -n "$start" ]; then
          get Locks "$subscription/resourceGroups/${start}1$end/providers/Microsoft.Authorization/locks"
        fi
      done
      ;;
    BackupJobs)
      elements '    ' "$work/body" | grep -i '"status": "Failed"' > "$work/failed"
      ids 'Microsoft\.RecoveryServices/vaults/[^/]+/backupJobs' "$work/failed" | each BackupJob ''
      ;;
    Machine)
      cat "$work/body" >> "$work/declared"
      of_disks
      location=$(values location "$work/body" | sed 1q | tr -d ' ')
      if [ -n "$location" ]; then
        subscription_of "$2"
        get Locks "$subscription/resourceGroups/AzureBackupRG_${location}_1/providers/Microsoft.Authorization/locks"
      fi
      ;;
    Extensions)
      cat "$work/body" >> "$work/declared"
      of_disks
      ;;
    UserIdentity | SystemIdentity) cat "$work/body" >> "$work/known" ;;
    FindIdentities) ids 'Microsoft\.ManagedIdentity/userAssignedIdentities' | each UserIdentity '' ;;
    Vaults | FindVaults | Vault)
      ids 'Microsoft\.KeyVault/vaults' >> "$work/vaults"
      if [ "$1" = Vault ]; then
        cp "$work/body" "$work/vault.$(printf '%s' "${2##*/}" | tr 'A-Z' 'a-z')"
        private_endpoints
        location=$(values location "$work/body" | tr -d ' ')
        if grep -q '"ipRules": \[$' "$work/body" && [ -n "$location" ]; then
          within ServiceTags "$2" "Microsoft.Network/locations/$location/serviceTags"
        fi
      fi
      ;;
    FindAccounts) ids 'Microsoft\.Storage/storageAccounts' | each Account '' ;;
    Account)
      private_endpoints
      around "$2"
      assignments "$2"
      ;;
    RoleAssignments) elements '    ' "$work/body" >> "$work/grants" ;;
    Perimeters)
      ids 'Microsoft\.Network/networkSecurityPerimeters' | each Associations /resourceAssociations
      ;;
    Associations)
      if grep -qiE '/providers/Microsoft\.(KeyVault/vaults|Storage/storageAccounts)/' "$work/body"; then
        ids 'Microsoft\.Network/networkSecurityPerimeters/[^/]+/profiles' | each AccessRules /accessRules
      fi
      ;;
    PrivateEndpoint)
      printf '%s\n' "$2" >> "$work/endpoints"
      ids 'Microsoft\.Network/networkInterfaces' | each Interface ''
      ids 'Microsoft\.Network/virtualNetworks/[^/]+/subnets' | while read -r id; do
        subnet "$id"
      done
      ;;
    ZoneGroups | Zones | FindZones) ids 'Microsoft\.Network/privateDnsZones' >> "$work/zones" ;;
    Network) elements '      ' "$work/body" >> "$work/networks" ;;
    Rulesets)
      ids 'Microsoft\.Network/dnsForwardingRulesets' | while read -r id; do
        ruleset "$id"
      done
      ;;
    Resolvers | Resolver)
      ids 'Microsoft\.Network/dnsResolvers' | each InboundEndpoints /inboundEndpoints
      ids 'Microsoft\.Network/virtualNetworks' | while read -r id; do
        resolves_in "$id"
      done
      ;;
    FindResolvers)
      ids 'Microsoft\.Network/dnsResolvers' | each Resolver ''
      ids 'Microsoft\.Network/dnsForwardingRulesets' | while read -r id; do
        ruleset "$id"
      done
      ;;
    NamedValues | Certificates | WorkspaceNamedValues | WorkspaceCertificates | Policy | Fragments | ApiPolicy \
      | OperationPolicy | ResolverPolicy | ProductPolicy | WorkspacePolicy | WorkspaceFragments | WorkspaceApiPolicy \
      | WorkspaceOperationPolicy | WorkspaceProductPolicy | Backends | WorkspaceBackends | References \
      | ConnectionReferences | SlotReferences | SlotConnectionReferences)
      cat "$work/body" >> "$work/declared"
      ;;
  esac
}

# refused KIND TARGET PATH: what is tried instead
refused() {
  case $1 in
    Groups) queue GroupsOfUser "$(printf '%s' "$2" | sed 's#/servicePrincipals/#/users/#')" ;;
    Secrets)
      vault=${3%/secrets}
      objects "$(printf '%s' "${vault##*/}" | tr 'A-Z' 'a-z')" | while read -r object; do
        get Secret "$vault/secrets/$object"
      done
      ;;
  esac
}

# ---- Once nothing is under way: what is worth reading now that the rest is known.

# Every vault that is named, and the object where one is: a line each.
names() {
  tr 'A-Z' 'a-z' < "$work/declared" > "$work/lower"
  tr '"\\;()<>@{}, ' '\n\n\n\n\n\n\n\n\n\n\n\n' < "$work/lower" > "$work/words"
  for suffix in "$vault_suffix" "$vault_zone_suffix"; do
    sed -n -e "s#^\\(.*/\\)\\{0,1\\}\\([a-z0-9-]\\{1,\\}\\)\\.${suffix}[:0-9]*//*secrets//*\\([a-z0-9-]\\{1,\\}\\).*#\\2 \\3#p" \
      -e "s#^\\(.*/\\)\\{0,1\\}\\([a-z0-9-]\\{1,\\}\\)\\.${suffix}[:0-9]*//*certificates//*\\([a-z0-9-]\\{1,\\}\\).*#\\2 \\3#p" \
      -e "s#^\\(.*/\\)\\{0,1\\}\\([a-z0-9-]\\{1,\\}\\)\\.${suffix}[:0-9]*//*keys//*\\([a-z0-9-]\\{1,\\}\\).*#\\2 keys/\\3#p" \
      -e "s#^\\(.*/\\)\\{0,1\\}\\([a-z0-9-]\\{1,\\}\\)\\.$suffix.*#\\2 #p" "$work/words"
  done
  sed -n -e 's/.*vaultname *= *\([a-z0-9-]*\)[^"]*secretname *= *\([a-z0-9-]*\).*/\1 \2/p' \
    -e 's/.*secretname *= *\([a-z0-9-]*\)[^"]*vaultname *= *\([a-z0-9-]*\).*/\2 \1/p' "$work/lower"
  # A policy may put an address together.
  if [ "$policies" = yes ]; then
    sort -u "$work/vaults" | while read -r id; do
      name=$(printf '%s' "${id##*/}" | tr 'A-Z' 'a-z')
      if grep -qwF -e "$name" "$work/lower"; then
        printf '%s \n' "$name"
        sed -n 's#^/*secrets/\([a-z0-9-]\{1,\}\).*#\1#p' "$work/words" | sed "s/^/$name /"
      fi
    done
  fi
}

# objects NAME: the objects that are named in a vault
objects() {
  sed -n "s/^$1 \\([a-z0-9-]\\{1,\\}\\)\$/\\1/p" "$work/named"
}

# vault NAME ID: what is around a vault that is named
vault() {
  get Vault "$2"
  sed -n "s#^$1 keys/\\([a-z0-9-]\\{1,\\}\\)\$#\\1#p" "$work/named" | while read -r key; do
    get Key "$2/keys/$key"
  done
  around "$2"
  assignments "$2"
  if [ "$(objects "$1" | grep -c .)" -ge 5 ]; then
    get Secrets "$2/secrets"
  else
    objects "$1" | while read -r object; do
      get Secret "$2/secrets/$object"
    done
  fi
}

# who_else NAME ID: who has rights at a vault where none of the callers' identities has one
who_else() {
  own="$work/vault.$1"
  [ -s "$own" ] || return
  if grep -q '"enableRbacAuthorization": true' "$own"; then
    grep -iE '@GRANTING@' "$work/grants" > "$work/holders"
  else
    cp "$own" "$work/holders"
  fi
  if [ -s "$work/principals" ] && grep -qiFf "$work/principals" "$work/holders"; then
    return
  fi
  {
    values objectId "$own"
    grep -iF "\"scope\": \"$2" "$work/grants" | grep -v '"principalType": "Group"' \
      | sed -n 's/.*"principalId": "\([^"]*\)".*/\1/p' | tr 'A-Z' 'a-z'
  } | sort -u | sed 20q | while read -r holder; do
    graph DirectoryObject "directoryObjects/$holder"
  done
  subscription_of "$2"
  while read -r principal; do
    query_of AssignmentsOf
    queue AssignmentsOf \
      "$subscription/providers/Microsoft.Authorization/roleAssignments?$query&\$filter=principalId eq '$principal'"
    if grep -q '"principalType": "Group"' "$work/grants"; then
      graph Groups "servicePrincipals/$principal/transitiveMemberOf"
    fi
  done < "$work/principals"
}

follow_up() {
  # What the subnets on the way are joined to.
  if [ -s "$work/subnets" ]; then
    grep -iFf "$work/subnets" "$work/networks" > "$work/joined"
    ids 'Microsoft\.Network/networkSecurityGroups' "$work/joined" | each SecurityGroup ''
    ids 'Microsoft\.Network/routeTables' "$work/joined" | each RouteTable ''
    ids 'Microsoft\.Network/serviceEndpointPolicies' "$work/joined" | each ServiceEndpointPolicy ''
  fi
  # Storage accounts of apps.
  sort -u "$work/accounts" > "$work/accounts.each"
  zones=$vault_zones
  if [ -s "$work/accounts.each" ]; then
    zones="$vault_zones|$storage_zones"
    if [ -f "$work/resolves" ]; then
      find_by FindZones "type =~ 'microsoft.network/privatednszones' and name in~ ($all_zones)"
    fi
  fi
  while read -r name; do
    find_by FindAccounts "type =~ 'microsoft.storage/storageaccounts' and name =~ '$name'"
  done < "$work/accounts.each"
  # Private zones in which a name that matters can be.
  sort -u "$work/zones" | grep -iE "/privateDnsZones/($zones)\$" | while read -r id; do
    get ZoneLinks "$id/virtualNetworkLinks"
    get ZoneRecords "$id/A"
  done
  if [ -f "$work/resolves" ]; then
    while read -r id; do
      within Zones "$id" Microsoft.Network/privateDnsZones
    done < "$work/endpoints"
  fi
  # Vaults that are named: those that were found, and those that were not.
  names | sort -u > "$work/named"
  missing=
  for name in $(sed 's/ .*//' "$work/named" | sort -u); do
    id=$(grep -iE "/vaults/$name\$" "$work/vaults" | sed 1q)
    if [ -n "$id" ]; then
      vault "$name" "$id"
    else
      missing="$missing${missing:+, }'$name'"
    fi
  done
  if [ -n "$missing" ]; then
    find_by FindVaults "type =~ 'microsoft.keyvault/vaults' and name in~ ($missing)"
    while read -r id; do
      within DeletedVaults "$id" Microsoft.KeyVault/deletedVaults
    done < "$work/callers"
  fi
  # Identities that a reference selects and the caller does not have.
  values clientId "$work/known" | sort -u > "$work/clients"
  {
    values identityClientId "$work/declared"
    tr 'A-Z' 'a-z' < "$work/declared" | sed -n 's/.*client-id=\\"\([0-9a-f-]\{36\}\)\\".*/\1/p'
  } | sort -u | grep -xE '[0-9a-f-]{36}' | grep -vxFf "$work/clients" > "$work/strangers"
  strangers=$(sed "s/.*/'&'/" "$work/strangers" | tr '\n' ',' | sed -e 's/,$//' -e 's/,/, /g')
  if [ -n "$strangers" ]; then
    find_by FindIdentities \
      "type =~ 'microsoft.managedidentity/userassignedidentities' and properties.clientId in~ ($strangers)"
  fi
}

# Who else has rights, once the rest is settled.
settle() {
  values principalId "$work/known" | sort -u | grep . > "$work/principals"
  for name in $(sed 's/ .*//' "$work/named" | sort -u); do
    id=$(grep -iE "/vaults/$name\$" "$work/vaults" | sed 1q)
    if [ -n "$id" ]; then who_else "$name" "$id"; fi
  done
}

@START@

count=0
tab=$(printf '\t')
exec 3< "$work/queue"
while :; do
  while IFS= read -r line <&3; do
    kind=${line%%"$tab"*}
    rest=${line#*"$tab"}
    ask "$kind" "${rest%%"$tab"*}" "${rest#*"$tab"}"
  done
  length=$(grep -c . "$work/queue")
  follow_up
  if [ "$(grep -c . "$work/queue")" = "$length" ]; then settle; fi
  if [ "$(grep -c . "$work/queue")" = "$length" ]; then break; fi
done
exec 3<&-

{
  printf '{"apimDoctor": "snapshot/v1", "takenAt": "%s", "tenantId": "%s",' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$tenant"
  if [ "$known" = yes ]; then printf ' "cloud": "%s",' "$cloud_name"; fi
  printf '\n"exchanges": [\n'
  cat "$work/exchanges"
  printf '\n]}\n'
} > "$out" || stop "$out cannot be written"
printf '%s\n' "$count reads are in $out; read them with: apim-doctor diagnose $out" >&2
