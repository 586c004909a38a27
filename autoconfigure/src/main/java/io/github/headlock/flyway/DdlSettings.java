package io.github.headlock.flyway;

import java.time.Duration;

/**
 * Holds how migrations queue for their table locks.
 *
 * @param lockTimeout longest that a statement may queue, positive
 * @param maxAttempts how often a migration is tried that queued for too long, positive
 */
public record DdlSettings(Duration lockTimeout, int maxAttempts) {
}
