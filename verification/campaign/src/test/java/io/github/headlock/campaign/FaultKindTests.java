package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The kinds of faults, as the documentation lists them.
 */
class FaultKindTests {

	private static final Path PAGE = Path.of("../../docs/fault-campaign.md");

	@Test
	void theDocumentationListsAllOfThemAsTheyAre() throws IOException {
		String table = Arrays.stream(FaultKind.values())
			.map((kind) -> "| `%s` | %s | %s |%n".formatted(kind, kind.text(), steps(kind)))
			.collect(Collectors.joining("",
					"| fault | what is done | at which steps |%n| --- | --- | --- |%n".formatted(), ""));
		assertThat(Files.readString(PAGE)).contains(table);
	}

	private static String steps(FaultKind kind) {
		List<String> others = names((step) -> !kind.fits(step));
		if (others.size() > 2) {
			return String.join(", ", names(kind::fits));
		}
		return others.isEmpty() ? "all" : "all but " + String.join(", ", others);
	}

	private static List<String> names(Predicate<Step> which) {
		return Arrays.stream(Step.values()).filter(which).map(Step::title).toList();
	}

}
