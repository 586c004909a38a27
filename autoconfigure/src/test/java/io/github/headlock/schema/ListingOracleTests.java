package io.github.headlock.schema;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.headlock.schema.DrawnRoot.Kind;
import io.github.headlock.test.OracleCases;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The listing of plain SQL files is held against Flyway's own, with releases drawn from
 * seeds.
 */
@Tag("every-version")
class ListingOracleTests {

	private static final Logger logger = LoggerFactory.getLogger(ListingOracleTests.class);

	private static final int IN_BUILD = 300;

	private final Map<Kind, Integer> listed = new EnumMap<>(Kind.class);

	private final List<String> disagreements = new ArrayList<>();

	private int answered;

	@Test
	void thisFlywayIsAmongThoseThatAreCompared() {
		assertThat(SqlFileScan.isCompared()).isTrue();
	}

	@Test
	void startsListPlainSqlFilesThisWay() {
		MigrationListing listing = MigrationListing.of(Flyway.configure().locations("classpath:db/basic"), true);
		assertThat(listing.release().orElseThrow().resolved()).isNotEmpty().allMatch(ListedMigration.class::isInstance);
	}

	@Test
	void flywaysListingIsTheSame(@TempDir Path folder) {
		long[] seeds = OracleCases.seeds(IN_BUILD).toArray();
		for (long seed : seeds) {
			compare(seed, folder);
		}
		logger.info("Listings compared: {} of {} releases, by kind {}", this.answered, seeds.length, this.listed);
		assertThat(this.disagreements).isEmpty();
		if (OracleCases.areMany(IN_BUILD)) {
			assertThat(this.answered).isGreaterThan(seeds.length / 3);
			assertThat(this.listed).containsKeys(Kind.values());
		}
	}

	private void compare(long seed, Path folder) {
		try {
			Path work = Files.createDirectory(folder.resolve("seed" + seed));
			try (DrawnRelease release = DrawnRelease.draw(seed, work)) {
				compare(seed, release);
			}
			FileSystemUtils.deleteRecursively(work);
		}
		catch (Exception ex) {
			throw new IllegalStateException("seed " + seed, ex);
		}
	}

	private void compare(long seed, DrawnRelease release) {
		boolean migrates = seed % 2 == 0;
		Optional<ListedRelease> plain = SqlFileScan.of(release.configuration()).map(ListedRelease::of);
		if (plain.isEmpty()) {
			return;
		}
		this.answered++;
		release.kinds().forEach((kind) -> this.listed.merge(kind, 1, Integer::sum));
		Object flyway = ofFlyway(release, migrates);
		if (!plain.get().equals(flyway)) {
			this.disagreements
				.add("seed " + seed + ": " + release + "\n listed " + plain.get() + "\n Flyway " + flyway);
		}
	}

	private static Object ofFlyway(DrawnRelease release, boolean migrates) {
		try {
			return ListedRelease.of(MigrationListing.scan(release.configuration(), migrates));
		}
		catch (FlywayException ex) {
			return ex;
		}
	}

}
