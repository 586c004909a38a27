/**
 * What the tests share: databases, replicas, and questions to the database.
 */
@NullMarked
package io.github.headlock.test;

import org.jspecify.annotations.NullMarked;
