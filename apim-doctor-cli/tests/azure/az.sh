#!/bin/sh
# A stand-in for `az rest`: prints answers as az 2.91 prints them, and refusals on standard error.
case "$1 $2" in
  'account show') echo @TENANT@ && exit 0 ;;
  'cloud show')
    case "$*" in
      *resourceManager*) echo https://management.azure.com/ ;;
      *) echo @CLOUD@ ;;
    esac
    exit 0
    ;;
  rest\ *) shift ;;
  *)
    echo "ERROR: '$*' is not played" >&2
    exit 2
    ;;
esac
body=
while [ $# -gt 0 ]; do
  case $1 in
    --method) method=$2 && shift ;;
    --uri) uri=$2 && shift ;;
    --body) body=$2 && shift ;;
    -o) [ "$2" = json ] && shift ;;
    --only-show-errors) ;;
    *)
      echo "ERROR: unrecognized arguments: $1" >&2
      exit 2
      ;;
  esac
  shift
done
token=@TOKEN@
case $uri in
  /*) uri=https://management.azure.com$uri ;;
  https://graph.* | https://microsoftgraph.*) token=@GRAPH_TOKEN@ ;;
esac
# The server plays the hosts of the public cloud.
uri=$(printf '%s' "$uri" | sed -e 's/ /%20/g' -e 's#^https://microsoftgraph.chinacloudapi.cn/#https://graph.microsoft.com/#')
answer=$(mktemp)
status=$(curl -gsS --cacert @AUTHORITY@ --connect-to '::@ADDRESS@' -X "$(printf '%s' "$method" | tr a-z A-Z)" \
  -H "Authorization: Bearer $token" -H 'X-Indent: yes' ${body:+-H Content-Type:application/json} \
  ${body:+--data "$body"} -o "$answer" -w '%{http_code}' "$uri")
case $status in
  200) cat "$answer" && echo ;;
  401) reason=Unauthorized ;;
  403) reason=Forbidden ;;
  404) reason='Not Found' ;;
  429) reason='Too Many Requests' ;;
  504) reason='Gateway Timeout' ;;
  *) reason='Bad Request' ;;
esac
if [ "$status" != 200 ]; then
  printf 'ERROR: %s(%s)\n' "$reason" "$(cat "$answer")" >&2
fi
rm -f "$answer"
[ "$status" = 200 ]
