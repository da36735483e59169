# A gateway. Built in the folder of the archives; see docs/install.md.
FROM debian:12-slim AS unpacked
ARG VERSION=0.1.0
COPY viber-${VERSION}-linux-x86_64.tar.gz viber-${VERSION}-linux-x86_64.tar.gz.sha256 /
RUN sha256sum -c viber-${VERSION}-linux-x86_64.tar.gz.sha256 \
 && mkdir /opt/viber \
 && tar -xzf viber-${VERSION}-linux-x86_64.tar.gz -C /opt/viber --strip-components=1 --no-same-owner
# The cache is made in the image it is used in: same JVM, same paths.
RUN /opt/viber/bin/viber aot

FROM debian:12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/viper --create-home viper
COPY --from=unpacked /opt/viber /opt/viber
RUN ln -s /opt/viber/bin/viber /opt/viber/bin/viper /opt/viber/bin/viper-server /usr/local/bin/
USER viper
ENV VIBER_STATE=/var/lib/viper VIPER_API_LISTEN=0.0.0.0:7777
VOLUME /var/lib/viper
EXPOSE 7777
HEALTHCHECK --interval=30s --start-period=30s CMD ["viber", "status"]
ENTRYPOINT ["viper-server"]
