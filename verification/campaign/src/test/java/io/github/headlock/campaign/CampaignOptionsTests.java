package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The command line of the campaign.
 */
class CampaignOptionsTests {

	@Test
	void everyArgumentHasADefault() {
		assertThat(CampaignOptions.parse())
			.isEqualTo(new CampaignOptions(20, 1, false, Duration.ofSeconds(45), 1, null, false, false));
	}

	@Test
	void everyArgumentIsUnderstood() {
		assertThat(CampaignOptions.parse("--rounds", "500", "--seed", "42", "--plain", "--patience", "60", "--lanes",
				"2", "--fault", "usurped"))
			.isEqualTo(new CampaignOptions(500, 42, true, Duration.ofSeconds(60), 2, FaultKind.USURPED, false, false));
		assertThat(CampaignOptions.parse("--failover", "--fault", "held-back"))
			.isEqualTo(new CampaignOptions(20, 1, false, Duration.ofSeconds(45), 1, FaultKind.HELD_BACK, true, false));
	}

	@Test
	void theCommandsOfThePageAreUnderstood() throws IOException {
		List<String> commands = Files.readAllLines(Path.of("../../docs/fault-campaign.md"))
			.stream()
			.filter((line) -> line.startsWith("bin/campaign"))
			.toList();
		assertThat(commands).hasSizeGreaterThan(1).allSatisfy((command) -> {
			String[] arguments = command.replaceFirst(" *#.*", "").split(" ", -1);
			CampaignOptions.parse(Arrays.copyOfRange(arguments, 1, arguments.length));
		});
	}

	@ParameterizedTest
	@CsvSource({ "--rounds, 0", "--rounds, many", "--seed, -1", "--seed, 99999999999", "--patience, 0", "--lanes, 0",
			"--fault, flood" })
	void whatMakesNoSenseIsNamed(String option, String value) {
		assertThatIllegalArgumentException().isThrownBy(() -> CampaignOptions.parse(option, value))
			.withMessageContaining(option)
			.withMessageContaining(value);
	}

	@Test
	void aFaultThatNoRoundHasIsNotSearchedFor() {
		assertThatIllegalArgumentException().isThrownBy(() -> CampaignOptions.parse("--fault", "failover"))
			.withMessage("--fault failover occurs only with --failover");
		assertThatIllegalArgumentException().isThrownBy(() -> CampaignOptions.parse("--failover", "--fault", "pooler"))
			.withMessage("--fault pooler occurs only without --failover");
		assertThatIllegalArgumentException().isThrownBy(() -> CampaignOptions.parse("--failover", "--plain"))
			.withMessage("--failover and --plain exclude each other");
	}

	@Test
	void roundsAboutBackgroundMigrationsHaveFaultsOfTheirOwn() {
		assertThat(CampaignOptions.parse("--background", "--lanes", "2"))
			.isEqualTo(new CampaignOptions(20, 1, false, Duration.ofSeconds(45), 2, null, false, true));
		assertThat(CampaignOptions.parse("--background").again(7, false))
			.isEqualTo("bin/campaign --seed 7 --rounds 1 --background");
		assertThatIllegalArgumentException().isThrownBy(() -> CampaignOptions.parse("--background", "--fault", "kill"))
			.withMessage("--background and --fault exclude each other");
		assertThatIllegalArgumentException().isThrownBy(() -> CampaignOptions.parse("--background", "--failover"))
			.withMessage("--background and --failover exclude each other");
	}

	@Test
	void theSameRoundNeedsAllThatMattersToIt() {
		assertThat(CampaignOptions.parse("--rounds", "9", "--lanes", "2").again(7, false))
			.isEqualTo("bin/campaign --seed 7 --rounds 1");
		assertThat(CampaignOptions.parse("--patience", "60", "--plain").again(7, true))
			.isEqualTo("bin/campaign --seed 7 --rounds 1 --patience 60 --plain");
		assertThat(CampaignOptions.parse("--failover").again(7, false))
			.isEqualTo("bin/campaign --seed 7 --rounds 1 --failover");
	}

	@Test
	void anUnknownArgumentIsNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> CampaignOptions.parse("--round"))
			.withMessage("unknown argument: --round");
	}

}
