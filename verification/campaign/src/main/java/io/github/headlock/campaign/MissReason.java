package io.github.headlock.campaign;

/**
 * Why a fault did not strike.
 */
enum MissReason {

	READY_BEFORE("all replicas were ready before"),

	PASSED("the rollout was past it"),

	IN_VAIN("there was nothing to strike any more"),

	NOT_IN_TIME("its moment did not come in 2 min");

	private final String text;

	MissReason(String text) {
		this.text = text;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
