import * as fs from "node:fs";
import * as grpc from "@grpc/grpc-js";
import * as loader from "@grpc/proto-loader";
import type { ProtoGrpcType } from "./generated/duty_service";

const proto = process.env.PROTO ?? "proto";
const definition = loader.loadSync("portolan/tariff/v1/duty_service.proto", {
  includeDirs: [proto],
  keepCase: false,
  // Money and counters pass 2^53: as numbers they would be rounded.
  longs: String,
  enums: String,
  oneofs: true,
});
const { portolan } = grpc.loadPackageDefinition(definition) as unknown as ProtoGrpcType;
const duties = new portolan.tariff.v1.DutyService(
  process.env.TARGET ?? "127.0.0.1:50051",
  grpc.credentials.createInsecure(),
  {
    "grpc.service_config": fs.readFileSync("service-config.json", "utf8"),
    "grpc.max_receive_message_length": 64 * 1024 * 1024,
  },
);
const request = JSON.parse(fs.readFileSync("request.json", "utf8"));
duties.CalculateDuty(request, (error, answer) => {
  if (error) {
    console.error(grpc.status[error.code], error.details);
    process.exit(1);
  }
  console.log(answer?.highestTotal?.units, answer?.highestTotal?.nanos, answer?.determination);
  duties.close();
});
