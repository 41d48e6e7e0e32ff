#!/usr/bin/env bash
# Prints requests ready to paste, then serves in the foreground.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binary=${PORTOLAN_BIN:-target/release/portolan}
address=${PORTOLAN__SERVER__LISTEN:-127.0.0.1:50051}
service=portolan.tariff.v1.DutyService
sourcing=portolan.sourcing.v1.SourcingService

printf '\nWhile the server runs, in another terminal:\n\n'
echo "  grpcurl -plaintext $address list"
echo "  grpcurl -plaintext $address describe $service"
echo "  grpcurl -plaintext $address describe $sourcing"
echo "  grpcurl -plaintext $address grpc.health.v1.Health/Check"
for request in examples/*.json; do
    case $(grep -Eo '^  "(candidates|dates|creditId|decisions|problem)"' "$request" || true) in
    *candidates*) call=$service/CompareOrigins ;;
    *dates*) call=$service/CompareDates ;;
    *creditId*) call=$service/CalculateCredit ;;
    *decisions*) call=$sourcing/EvaluatePlan ;;
    *problem*) call=$sourcing/OptimizeSourcing ;;
    *) call=$service/CalculateDuty ;;
    esac
    echo "  grpcurl -plaintext -d @ $address $call < $request"
done
printf '\nThe same with buf (.venv/bin/buf, once make test has run):\n\n'
echo "  buf curl --http2-prior-knowledge --protocol grpc --list-methods http://$address"
echo "  buf curl --http2-prior-knowledge --protocol grpc -d @examples/japan-car-may-2025.json http://$address/$service/CalculateDuty"
printf '\nAs tables:\n\n'
echo "  $binary duty examples/japan-car-may-2025.json --address http://$address"
echo "  $binary compare origins examples/civic-hybrid-origins.json --address http://$address"
echo "  $binary compare dates examples/japan-car-dates.json --address http://$address"
echo "  $binary credit examples/us-offset.json --address http://$address"
printf '\nInterrupt with Ctrl-C to stop.\n\n'

exec "$binary" serve
