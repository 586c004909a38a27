package io.github.headlock.autoconfigure;

import java.util.List;
import java.util.Map;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport.ConditionAndOutcomes;

/**
 * Says in the log that another starter gave way to Headlock's migration strategy, as one
 * does that Spring Boot considers even later than Headlock.
 */
class DisplacedStrategyReporter implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(DisplacedStrategyReporter.class);

	private final String strategy;

	private final ConfigurableListableBeanFactory beans;

	/**
	 * Creates the reporter.
	 * @param strategy name of the bean of Headlock's strategy
	 * @param beans the application's beans
	 */
	DisplacedStrategyReporter(String strategy, ConfigurableListableBeanFactory beans) {
		this.strategy = strategy;
		this.beans = beans;
	}

	@Override
	public void afterSingletonsInstantiated() {
		List<String> displaced = ConditionEvaluationReport.get(this.beans)
			.getConditionAndOutcomesBySource()
			.entrySet()
			.stream()
			.filter((entry) -> !entry.getKey().startsWith(HeadlockAutoConfiguration.class.getName() + '#')
					&& foundStrategy(entry.getValue()))
			.map(Map.Entry::getKey)
			.toList();
		if (!displaced.isEmpty()) {
			logger.warn("The migration strategy of {} is not used, because Headlock's takes its place; to use it, set "
					+ "spring.autoconfigure.exclude={}", displaced, HeadlockAutoConfiguration.class.getName());
		}
	}

	private boolean foundStrategy(ConditionAndOutcomes conditions) {
		return conditions.stream()
			.map((condition) -> condition.getOutcome())
			.anyMatch((outcome) -> !outcome.isMatch() && String.valueOf(outcome.getMessage()).contains(this.strategy));
	}

}
