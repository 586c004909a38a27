package io.github.headlock.autoconfigure;

import java.util.List;

import io.github.headlock.HeadlockException;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares what is said of a failed start to the letter.
 */
final class ExpectedAnalysis {

	private ExpectedAnalysis() {
	}

	/** One analyzer of Headlock's answers, and with this. */
	static void assertAnalysis(HeadlockException failure, int exitCode, String description, String action) {
		BeanCreationException reported = new BeanCreationException("flywayInitializer", "failed", failure);
		List<FailureAnalyzer> analyzers = SpringFactoriesLoader
			.forResourceLocation(SpringFactoriesLoader.FACTORIES_RESOURCE_LOCATION)
			.load(FailureAnalyzer.class, ArgumentResolver.of(Environment.class, new StandardEnvironment()),
					(type, name, problem) -> assertThat(name).as(problem.toString()).doesNotContain("headlock"));
		List<FailureAnalysis> analyses = analyzers.stream()
			.filter((analyzer) -> analyzer.getClass().getPackage() == ExpectedAnalysis.class.getPackage())
			.map((analyzer) -> analyzer.analyze(reported))
			.filter((analysis) -> analysis != null)
			.toList();
		assertThat(analyses).singleElement().satisfies((analysis) -> {
			assertThat(analysis.getDescription()).isEqualTo(description);
			assertThat(analysis.getAction()).isEqualTo(action);
			assertThat(analysis.getCause()).isSameAs(failure);
		});
		assertThat(failure.getExitCode()).isEqualTo(exitCode);
	}

}
