package io.github.headlock.schema;

import java.util.List;

/**
 * Holds what the scripts of an upgrade say to Headlock.
 *
 * @param upgrade the upgrade
 * @param directives the lines, at least one
 */
public record UpgradeDirectives(Upgrade upgrade, List<Directive> directives) {
}
