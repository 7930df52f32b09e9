# recado in an empty container: the program and nothing else. It brings its pages, its
# database, CA roots and time zones with it.
#
#   docker build -t recado .
#   docker run -p 127.0.0.1:8080:8080 -v recado:/data recado

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=container
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /out/recado . \
    && mkdir -m 0700 /out/data

FROM scratch
COPY --from=build /out/recado /recado
# The volume is owned by whom it is first filled with.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV RECADO_DATA_DIR=/data RECADO_LISTEN=:8080
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/recado"]
CMD ["serve"]
