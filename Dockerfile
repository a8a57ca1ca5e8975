# The command line, without a build: docker build -t sightline .
# docker run --rm -v "$PWD:/work" sightline audit model.onnx
FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY . .
RUN mvn -q -B -P 'dist,!format' -DskipTests -pl dist -am package \
 && mkdir /unpacked && cd /unpacked && jar --extract --file /build/dist/target/sightline-*.zip \
 && mv sightline-* /opt/sightline && chmod 755 /opt/sightline/sightline

FROM eclipse-temurin:25-jre
COPY --from=build /opt/sightline /opt/sightline
# Made once here, read by any user: the cache of Java's classes and the tokenizer's native code.
ENV PATH=/opt/sightline:$PATH XDG_CACHE_HOME=/opt/sightline/cache DJL_CACHE_DIR=/opt/sightline/cache/djl
RUN SIGHTLINE_AOT=now sightline --version && chmod -R a+rX /opt/sightline/cache \
 && useradd --create-home --uid 10001 sightline
USER sightline
WORKDIR /work
ENTRYPOINT ["sightline"]
