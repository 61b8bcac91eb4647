"""策略 policy: ladder, segments, holds, contact guard rules; decides who, when, how. Sends nothing."""
