package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.Map;
import java.util.TreeMap;

import io.github.headlock.background.DrawnUpgrades.Ending;
import io.github.headlock.test.OracleCases;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever happened before, a migration that requires a background migration is begun
 * only when no row needs it any more, or somebody has decided that it may; other starts
 * are refused, and change nothing. The courses are drawn from seeds.
 */
class DrawnUpgradesTests {

	private static final Logger logger = LoggerFactory.getLogger(DrawnUpgradesTests.class);

	private static final int IN_BUILD = 30;

	private final TestDatabase database = TestDatabase.create();

	@Test
	void noMigrationIsBegunBeforeWhatItRequiresIsFinished(@TempDir Path folder) throws Exception {
		GatedReleases releases = new GatedReleases(this.database.url(), folder);
		Map<Ending, Integer> endings = new TreeMap<>();
		try (Connection others = this.database.connect()) {
			for (long seed : OracleCases.seeds(IN_BUILD).toArray()) {
				DrawnUpgrades upgrades = new DrawnUpgrades(seed, this.database, others, releases);
				try {
					upgrades.play().forEach((ending) -> endings.merge(ending, 1, Integer::sum));
				}
				catch (Exception | AssertionError ex) {
					throw new AssertionError("seed " + seed + upgrades, ex);
				}
			}
		}
		logger.info("Starts: {}", endings);
		if (OracleCases.areMany(IN_BUILD)) {
			assertThat(endings).containsOnlyKeys(Ending.values());
		}
	}

}
