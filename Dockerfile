# terravet in an image with nothing else: a static binary, no shell, no user but `nobody`, no network needed.
#
#   docker build -t terravet .
#   docker run --rm --network none --read-only -v "$PWD:/work:ro" terravet

FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package terravet \
    && install -D target/release/terravet /out/terravet

FROM scratch
COPY --from=build /out/terravet /usr/bin/terravet
COPY LICENSE /LICENSE
USER 65534:65534
WORKDIR /work
ENTRYPOINT ["/usr/bin/terravet"]
