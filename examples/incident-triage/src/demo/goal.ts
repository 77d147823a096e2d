/** What the agent is asked. */
export const GOAL = 'Customers report since about ten that they cannot pay. What is wrong, and what do we do?'
