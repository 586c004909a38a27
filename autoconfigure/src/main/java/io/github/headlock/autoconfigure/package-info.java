/**
 * Spring Boot auto-configuration, properties and failure analyses.
 */
@NullMarked
package io.github.headlock.autoconfigure;

import org.jspecify.annotations.NullMarked;
