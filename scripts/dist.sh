#!/usr/bin/env bash
# Packs the release build with its papers; the checksum lies beside the archive.
set -euo pipefail
cd "$(dirname "$0")/.."

TARGET=${CARGO_TARGET_DIR:-target}
VERSION=$("$TARGET/release/quell" --version | awk '{print $2}')
NAME=quell-$VERSION-$(rustc -vV | sed -n 's/^host: //p')
FOLDER=$TARGET/dist/$NAME

rm -rf "$FOLDER"
mkdir -p "$FOLDER"
cp "$TARGET/release/quell" README.md CHANGELOG.md SECURITY.md LICENSE "$FOLDER"
cp -r docs "$FOLDER/docs"
node scripts/sbom.mjs >"$FOLDER/sbom.cdx.json"
# Names, owners and times in the archive do not depend on who packs it, so that equal builds give equal archives.
tar --sort=name --mode=u+rwX,go+rX,go-w --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" \
    -C "$TARGET/dist" -cf - "$NAME" | gzip -9n >"$TARGET/dist/$NAME.tar.gz"
(cd "$TARGET/dist" && sha256sum "$NAME.tar.gz" >"$NAME.tar.gz.sha256")
echo "$TARGET/dist/$NAME.tar.gz"
