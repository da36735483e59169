# A viber with a browser and a display of its own. Built in the folder of the archives; see docs/install.md.
FROM debian:12-slim AS unpacked
ARG VERSION=0.1.0
COPY viber-${VERSION}-linux-x86_64.tar.gz viber-${VERSION}-linux-x86_64.tar.gz.sha256 /
RUN sha256sum -c viber-${VERSION}-linux-x86_64.tar.gz.sha256 \
 && mkdir /opt/viber \
 && tar -xzf viber-${VERSION}-linux-x86_64.tar.gz -C /opt/viber --strip-components=1 --no-same-owner
RUN /opt/viber/bin/viber aot

FROM debian:12-slim
# VNC=yes adds a server to look at the display by; the display is for this container alone without it.
ARG VNC=no
RUN apt-get update \
 && apt-get install -y --no-install-recommends chromium xvfb xauth tini fonts-dejavu-core \
 && if [ "$VNC" = yes ]; then apt-get install -y --no-install-recommends x11vnc; fi \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/viber --create-home viber \
 && install -d -o viber -g viber /var/lib/viber/workspace
COPY --from=unpacked /opt/viber /opt/viber
COPY --from=unpacked /opt/viber/docker/display.sh /usr/local/bin/with-display
RUN ln -s /opt/viber/bin/viber /usr/local/bin/
USER viber
WORKDIR /var/lib/viber/workspace
ENV VIBER_STATE=/var/lib/viber
VOLUME /var/lib/viber
HEALTHCHECK --interval=30s --start-period=30s CMD ["viber", "status"]
# tini takes the zombies that browsers leave.
ENTRYPOINT ["tini", "--", "with-display", "viber", "start"]
