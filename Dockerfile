# docker build -t mailproof .
# Each RUN line of the first stage is plain shell and works in a checkout, too.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN mkdir -p out/data
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o out/tester ./cmd/tester

# Nothing but the program, which belongs to root, and a place for its data,
# which belongs to the user it runs as. The root may be mounted read-only.
FROM scratch AS runtime
COPY --from=build /src/out/tester /tester
COPY --from=build --chown=65532:65532 /src/out/data /data
USER 65532:65532
ENV TESTER_SMTP_ADDR=:2525 \
    TESTER_HTTP_ADDR=:8080 \
    TESTER_DATA=/data
VOLUME /data
EXPOSE 2525 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 CMD ["/tester", "healthcheck"]
ENTRYPOINT ["/tester"]
CMD ["serve"]
